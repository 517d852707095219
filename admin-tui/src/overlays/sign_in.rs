//! The sign-in: password and the six digits of an authenticator, a recovery code, the code that the demo prints,
//! or the set-up of a new account. It covers the screen, so it is also the veil.

use cabildo_staff_api::{NewPassword, NewSession};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;

use super::{Choice, Outcome};
use crate::data::SecondFactor;
use crate::input::Line;
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;

/// The form.
#[derive(Debug)]
pub struct State {
    why: SafeText,
    lines: [Line; 3],
    at: usize,
    /// Whether an account is set up.
    setting_up: bool,
    /// Whether an answer is waited for.
    pub busy: bool,
    /// What went wrong.
    pub said: Option<SafeText>,
    /// Shown once.
    pub made: Option<SecondFactor>,
}

impl State {
    /// The form, and why it is there.
    pub fn new(why: SafeText, name: &SafeText) -> Self {
        let at = usize::from(!name.is_empty());
        let lines = [Line::with(name), Line::secret(), Line::secret()];
        Self { why, lines, at, setting_up: false, busy: false, said: None, made: None }
    }

    /// Sign-in name as it is typed.
    pub fn name(&self) -> SafeText {
        self.lines[0].text()
    }

    /// Nothing secret stays in the form.
    pub fn failed(&mut self, why: SafeText) {
        self.busy = false;
        self.said = Some(why);
        // A code alone is typed again where it was typed, which shows no letter of it.
        let alone = self.lines[0].is_empty() && self.lines[1].is_empty();
        self.lines[1].clear();
        self.lines[2].clear();
        self.at = if alone { 2 } else { usize::from(!self.lines[0].is_empty()) };
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &SafeText) {
        self.lines[self.at].paste(text);
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &Shared) -> Outcome {
        if self.made.is_some() {
            if key.code == KeyCode::Enter {
                self.made = None;
                self.setting_up = false;
                self.lines = [self.lines[0].clone(), Line::secret(), Line::secret()];
                self.at = 1;
            }
            return Outcome::Stay;
        }
        if self.busy {
            return Outcome::Stay;
        }
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('n') if ctrl => {
                self.setting_up = !self.setting_up;
                self.said = None;
            }
            KeyCode::Tab | KeyCode::Down => self.at = (self.at + 1) % 3,
            KeyCode::BackTab | KeyCode::Up => self.at = (self.at + 2) % 3,
            KeyCode::Enter if self.at < 2 => self.at += 1,
            KeyCode::Enter => return self.submit(shared),
            _ => {
                self.lines[self.at].key(key);
            }
        }
        Outcome::Stay
    }

    fn submit(&mut self, shared: &Shared) -> Outcome {
        let name = self.lines[0].text().as_str().trim().to_lowercase();
        let (password, code) = (self.lines[1].expose(), self.lines[2].expose());
        let code = code.trim().to_owned();
        let choice = if self.setting_up {
            // The set-up code stands where the password stands, the new password after it.
            let (setup_code, password) = (password.trim().to_owned(), self.lines[2].expose());
            Choice::SetUp(Box::new(NewPassword { name, setup_code, password }))
        } else if code.is_empty() {
            self.said = Some(shared.words.say("sign-in-code-missing"));
            return Outcome::Stay;
        } else if name.is_empty() && password.is_empty() {
            Choice::SignIn(Box::new(NewSession::DemoCode { code }))
        } else if code.len() == 6 && code.bytes().all(|it| it.is_ascii_digit()) {
            Choice::SignIn(Box::new(NewSession::Password { name, password, totp: code }))
        } else {
            Choice::SignIn(Box::new(NewSession::RecoveryCode { name, password, recovery_code: code }))
        };
        self.busy = true;
        self.said = None;
        Outcome::Also(choice)
    }

    /// Draws it over everything.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let words = shared.words;
        let all = paint.area();
        paint.clear(all);
        let (width, height) = (all.width.min(70), all.height.min(16));
        let area = Rect::new((all.width - width) / 2, (all.height - height) / 2, width, height);
        let inner = paint.frame(area, &words.say("sign-in-title"), Role::Title);
        if let Some(made) = &self.made {
            return draw_made(paint, inner, shared, made);
        }
        let mut y = inner.y;
        paint.text(inner.x, y, inner.width, &shared.server, Role::Quiet);
        y += 1;
        paint.block(Rect::new(inner.x, y, inner.width, 2), &self.why, Role::Plain);
        y += 3;
        let names = if self.setting_up {
            ["sign-in-name", "sign-in-setup-code", "sign-in-new-password"]
        } else {
            ["sign-in-name", "sign-in-password", "sign-in-code"]
        };
        let column = names.iter().map(|it| words.say(it).width()).max().unwrap_or(0) as u16 + 2;
        for (at, (name, line)) in names.iter().zip(&self.lines).enumerate() {
            let role = if at == self.at { Role::Key } else { Role::Plain };
            paint.text(inner.x, y, column, &words.say(name), role);
            let field = Rect::new(inner.x + column, y, inner.width.saturating_sub(column), 1);
            paint.tint(field, Role::Field);
            line.draw(paint, field.x, y, field.width, at == self.at);
            y += 1;
        }
        y += 1;
        if self.busy {
            paint.text(inner.x, y, inner.width, &words.say("sign-in-busy"), Role::Quiet);
        } else if let Some(said) = &self.said {
            let room = Rect::new(inner.x, y, inner.width, 2);
            paint.block(room, said, Role::Breach);
        }
        let foot = inner.bottom().saturating_sub(3);
        let room = Rect::new(inner.x, foot, inner.width, 3);
        let key = if self.setting_up { "sign-in-foot-setup" } else { "sign-in-foot" };
        paint.block(room, &words.say(key), Role::Quiet);
    }
}

fn draw_made(paint: &mut Paint<'_>, inner: Rect, shared: &Shared, made: &SecondFactor) {
    let words = shared.words;
    let mut y = inner.y;
    y += paint.block(Rect { height: 2, ..inner }, &words.say("set-up-secret"), Role::Plain);
    paint.text(inner.x + 2, y, inner.width - 2, &made.secret, Role::Key);
    y += 2;
    y += paint.block(Rect { y, height: 2, ..inner }, &words.say("set-up-recovery"), Role::Plain);
    for pair in made.recovery.chunks(3) {
        let line = SafeText::join(pair, "  ");
        paint.text(inner.x + 2, y, inner.width - 2, &line, Role::Key);
        y += 1;
    }
    paint.text(
        inner.x,
        inner.bottom().saturating_sub(1),
        inner.width,
        &words.say("set-up-foot"),
        Role::Quiet,
    );
}
