//! The states that are drawn for the snapshots, and how each is reached.

use cabildo_admin_tui::api::Link;
use cabildo_admin_tui::event::Event;
use cabildo_admin_tui::safe::SafeText;
use cabildo_admin_tui::session::Place;
use cabildo_admin_tui::settings::Settings;
use cabildo_admin_tui::theme::Theme;

use super::fake::{Console, Mood, person, row};

/// All of them.
pub const STATES: &[&str] = &[
    "queue",
    "queue_macros",
    "queue_new",
    "queue_gone",
    "queue_empty",
    "filter_empty",
    "queue_loading",
    "queue_offline",
    "queue_find",
    "my_work",
    "sealed",
    "case_sealed",
    "pending",
    "undo",
    "error",
    "case",
    "case_other",
    "case_reply",
    "case_note",
    "case_offline",
    "palette",
    "help",
    "strip",
    "pick_state",
    "pick_label",
    "prompt",
    "confirm",
    "conflict",
    "canned",
    "canned_hole",
    "raw",
    "log",
    "sign_in",
    "sign_in_failed",
    "veil",
    "hostile",
    "spanish",
    "feedback",
    "feedback_hide",
    "unknown",
    "notices",
    "notices_seen",
    "outbox",
    "outbox_failed",
    "health",
    "audit",
    "users",
    "benchmarks",
    "desk_empty",
    "queue_starting",
    "view_narrowed",
    "link_closed",
    "also_asked",
    "pick_macro",
    "pick_office",
    "case_loading",
    "case_reply_sought",
    "feedback_ask",
    "desk_loading",
    "desk_failed",
    "set_up",
    "message_long",
    "demands",
    "demands_silent",
    "demand",
    "demand_answered",
    "demand_publish",
    "demand_merge",
    "demand_acta",
    "demand_answer",
    "demand_answer_preview",
    "demand_conflict",
    "leaders",
    "clusters",
    "cluster_open",
    "author_messages",
    "commitments",
    "similar",
    "similar_none",
    "link_demand",
    "highlights",
    "highlight",
    "highlight_findings",
    "highlight_published",
    "highlight_approve",
    "candidates",
    "candidate_form",
    "broadcasts",
    "broadcast",
    "broadcast_few",
    "broadcast_sending",
    "broadcast_stop",
    "broadcast_compose",
    "broadcast_audience",
    "broadcast_approve",
    "charts",
    "charts_office",
    "charts_day",
    "charts_nowhere",
];

/// A console in a state.
pub fn reach(state: &str, size: (u16, u16), theme: Theme) -> Console {
    let mut it = Console::at(size, theme);
    match state {
        "queue" => {}
        "queue_macros" => {
            let file = "[macros.1]\ntitle = \"Ack+route Agua\"\ndo = [{ assign = \"me\" }]\n[macros.2]\ntitle = \"Ask address\"\ndo = [{ canned = \"D\" }]\n";
            let settings = Settings::read(file).expect("a sound file");
            it = Console::with(size, theme, settings, Place::default(), Vec::new());
        }
        "queue_new" => {
            it.rows.insert(0, row(50, "NEW001", "Centro", "Algo nuevo"));
            it.feed(50);
            it.rest(4_000);
        }
        "queue_gone" => {
            it.rows.remove(0);
            it.feed(1);
            it.rest(2_000);
        }
        "queue_empty" => {
            it.rows.clear();
            it.key("R");
        }
        "filter_empty" => {
            it.key("f");
            it.write("helicóptero");
            it.key("Enter");
        }
        "queue_loading" => {
            it.mood = Mood::Silent;
            it.key("R");
            it.rest(2_000);
        }
        "queue_offline" => {
            it.line(false);
            it.rest(42_000);
        }
        "queue_find" => {
            it.key("/");
            it.write("luz");
            it.rest(300);
        }
        "my_work" => it.keys("g m"),
        "sealed" => it.key("G"),
        "case_sealed" => it.keys("j j j j Enter J"),
        "pending" => {
            it.mood = Mood::Silent;
            it.key("e");
        }
        "undo" => it.key("e"),
        "error" => {
            it.line(false);
            it.key("a");
        }
        "case" => it.key("Enter"),
        "case_other" => {
            it.writers = vec![(person(2_000, "Luis Karam"), it.now - 5_000)];
            it.key("Enter");
        }
        "case_reply" => {
            it.key("r");
            it.write("Ya va la cuadrilla, llega a las 11. Gracias por avisar.");
            it.rest(500);
        }
        "case_note" => {
            it.key("i");
            it.write("Preguntar a Luis por la bomba.");
        }
        "case_offline" => {
            it.key("r");
            it.write("Esto espera");
            it.line(false);
            it.rest(5_000);
        }
        "palette" => {
            it.key(":");
            it.write("sleep");
        }
        "help" => it.key("?"),
        "strip" => it.key("w"),
        "pick_state" => it.key("s"),
        "pick_label" => it.keys("t /"),
        "prompt" => it.keys("x 3"),
        "confirm" => it.key("!"),
        "conflict" => {
            it.mood = Mood::Taken;
            it.key("e");
        }
        "canned" => it.keys("c D"),
        "canned_hole" => it.keys("c T"),
        "raw" => it.keys("Enter v"),
        "log" => {
            it.keys("e u :");
            it.write("log");
            it.key("Enter");
        }
        "sign_in" => {
            it = Console::unsigned(size, theme, Settings::default(), Place::default(), Vec::new());
            let effects = it.app.begin(false);
            it.perform(effects);
        }
        "sign_in_failed" => {
            it = Console::unsigned(size, theme, Settings::default(), Place::default(), Vec::new());
            let effects = it.app.begin(false);
            it.perform(effects);
            it.mood = Mood::Away;
            it.write("teresa");
            it.key("Enter");
            it.write("una contraseña");
            it.key("Enter");
            it.write("123456");
            it.key("Enter");
        }
        "veil" => it.rest(601_000),
        "hostile" => {
            it.rows[0].preview =
                Some(SafeText::line("\u{1b}[31m\u{202e}oluv\u{200b}\u{200b}l e\u{301}\u{e0041} שלום"));
            it.rows[0].version = 2;
            let text = "Uno\u{202e}dos\n\u{1b}]52;c;x\u{7}tres";
            it.entries.insert(1, vec![super::fake::entry(1, "citizen", text)]);
            it.keys("R Enter");
        }
        "spanish" => {
            let words = cabildo_admin_tui::words::Words::of("es_MX.UTF-8");
            it.app.shared.words = words.within(cabildo_admin_tui::words::Zone::Utc);
            it.event(Event::Tick);
        }
        "feedback" => it.keys("g f"),
        "feedback_hide" => it.keys("g f 2"),
        "unknown" => it.keys("g t"),
        "notices" => it.keys("g n"),
        "notices_seen" => it.keys("g n X"),
        "outbox" => it.keys("g o"),
        "outbox_failed" => it.keys("g o Tab Tab"),
        "health" => it.keys("g w"),
        "audit" => it.keys("g a V"),
        "users" => it.keys("g u"),
        "benchmarks" => it.keys("Enter g b"),
        "desk_empty" => it.keys("g f Tab"),
        // The first frame: nothing has been answered yet.
        "queue_starting" => {
            it = Console::unsigned(size, theme, Settings::default(), Place::default(), Vec::new());
            it.mood = Mood::Silent;
            let effects = it.app.begin(true);
            it.perform(effects);
        }
        "view_narrowed" => {
            it.keys("F h f");
            it.write("state:open");
            it.key("Enter");
        }
        "link_closed" => it.event(Event::Link(Link::Closed)),
        "also_asked" => {
            it.writers = vec![(person(2_000, "Luis Karam"), it.now + 60_000)];
            it.feed(1);
            it.rest(2_000);
            it.key("e");
        }
        "pick_macro" => {
            let file = "[macros.1]\ntitle = \"Ack+route Agua\"\ndo = [{ assign = \"me\" }]\n[macros.2]\ntitle = \"Ask address\"\ndo = [{ canned = \"D\" }]\n";
            let settings = Settings::read(file).expect("a sound file");
            it = Console::with(size, theme, settings, Place::default(), Vec::new());
            it.key("0");
        }
        "pick_office" => it.key("H"),
        "case_loading" => {
            it.mood = Mood::Silent;
            it.keys("j Enter");
        }
        "case_reply_sought" => {
            it.mood = Mood::Silent;
            it.keys("j r");
            it.write("Ya va");
            it.key("Ctrl-S");
        }
        "feedback_ask" => it.keys("g f 3"),
        "desk_loading" => {
            it.mood = Mood::Silent;
            it.keys("g f");
        }
        "desk_failed" => {
            it.mood = Mood::Away;
            it.keys("g f");
        }
        "set_up" => {
            it = Console::unsigned(size, theme, Settings::default(), Place::default(), Vec::new());
            let effects = it.app.begin(false);
            it.perform(effects);
            it.key("Ctrl-N");
        }
        "message_long" => {
            it.key("r");
            let text = "Estimada vecina: la cuadrilla de agua potable pasa hoy entre las 11 y la 1; ";
            it.write(&text.repeat(6));
            it.rest(500);
        }
        "demands" => it.keys("g d"),
        "demands_silent" => it.keys("g d Tab Tab Tab Tab Tab Tab"),
        "demand" => it.keys("g d Tab Enter"),
        "demand_answered" => it.keys("g d Tab Tab Tab Tab Enter"),
        "demand_publish" => it.keys("g d p"),
        "demand_merge" => it.keys("g d Tab m"),
        "demand_acta" => {
            it.keys("g d Tab a");
            it.write("A-18");
            it.keys("Tab");
            it.write("muchas");
            it.keys("Tab");
            it.write("20/11");
            it.keys("Tab Enter");
        }
        "demand_answer" => it.keys("g d Tab Tab Tab r a"),
        "demand_answer_preview" => {
            it.keys("g d Tab Tab Tab r a");
            it.write("Desde enero pasa martes y viernes.");
            it.keys("Enter Enter");
            it.write("2027-01-05");
            it.key("Enter");
        }
        "demand_conflict" => {
            it.keys("g d p");
            it.mood = Mood::Taken;
            it.key("y");
        }
        "leaders" => it.keys("g v"),
        "clusters" => it.keys("g l"),
        "cluster_open" => it.keys("g l o"),
        "author_messages" => it.keys("g e"),
        "commitments" => it.keys("g k"),
        "similar" => it.keys("j ="),
        "similar_none" => it.key("="),
        "link_demand" => it.key("d"),
        "highlights" => it.keys("g h"),
        "highlight" => it.keys("g h Enter p"),
        "highlight_findings" => it.keys("g h j Enter"),
        "highlight_published" => it.keys("g h Tab Tab Enter G"),
        "highlight_approve" => it.keys("g h Enter a"),
        "candidates" => it.keys("g h n"),
        "candidate_form" => {
            it.keys("g h n n f");
            it.write("Pisos firmes");
            it.key("Tab");
            it.write("corto");
            it.keys("Tab Tab Tab Tab Tab Enter");
        }
        "broadcasts" => it.keys("g r"),
        "broadcast" => it.keys("g r Enter"),
        "broadcast_few" => it.keys("g r Tab Enter"),
        "broadcast_sending" => it.keys("g r Tab Tab Tab Tab Enter"),
        "broadcast_stop" => it.keys("g r Tab Tab Tab Tab Enter X Enter"),
        "broadcast_compose" => it.keys("g r n"),
        "broadcast_audience" => it.keys("g r Enter A"),
        "broadcast_approve" => it.keys("g r Enter a"),
        "charts" => it.keys("g c"),
        "charts_office" => it.keys("g c G"),
        "charts_day" => it.keys("g c G G"),
        "charts_nowhere" => it.keys("g f g c"),
        other => panic!("{other} is no state"),
    }
    it
}
