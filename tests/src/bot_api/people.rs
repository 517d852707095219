//! What people do in their chats, as the updates that the service gets of it.

use serde_json::{Value, json};

use super::{BotApi, message, person, private};

impl BotApi {
    /// A person writes a text or a command in a private chat; gives the update.
    pub fn write(&self, chat: i64, text: &str) -> Value {
        let update = self.text_update(self.next_update_id(), chat, text);
        self.inject(update.clone());
        update
    }

    /// A person writes a text whose update stands `copies` times in the queue, each behind `skip` of those
    /// that wait already; gives its id.
    pub fn write_in_disorder(&self, chat: i64, text: &str, copies: usize, skip: usize) -> i64 {
        // In one go: a poll between two higher ids would confirm this one before it is there.
        self.shared.change(|inner| {
            inner.next_update += 1;
            let id = inner.next_update;
            for _ in 0..copies {
                let at = skip.min(inner.pending.len());
                inner.pending.insert(at, self.text_update(id, chat, text));
            }
            id
        })
    }

    /// The update of a message with this content, such as `{"photo": [..]}`.
    pub fn content_update(&self, chat: i64, content: &Value) -> Value {
        let id = self.next_update_id();
        json!({"update_id": id, "message": message(id, &private(chat), content)})
    }

    /// The update of a person who blocks the bot or lets it in again.
    pub fn membership_update(&self, chat: i64, blocked: bool, date: i64) -> Value {
        let member = |status: &str| {
            let mut it =
                json!({"user": {"id": 123_456, "is_bot": true, "first_name": "Cabildo"}, "status": status});
            if status == "kicked" {
                it["until_date"] = json!(0);
            }
            it
        };
        let (old, new) = if blocked { ("member", "kicked") } else { ("kicked", "member") };
        json!({"update_id": self.next_update_id(), "my_chat_member": {
            "chat": private(chat), "from": person(chat), "date": date,
            "old_chat_member": member(old), "new_chat_member": member(new),
        }})
    }

    /// The update of a text with this id, for duplicates and disorder.
    pub fn text_update(&self, update_id: i64, chat: i64, text: &str) -> Value {
        json!({"update_id": update_id, "message": message(update_id, &private(chat), &json!({"text": text}))})
    }

    /// A person writes in a group.
    pub fn write_in_group(&self, group: i64, text: &str) {
        let id = self.next_update_id();
        let chat = json!({"id": group, "type": "group", "title": "Vecinos"});
        self.inject(json!({"update_id": id, "message": message(id, &chat, &json!({"text": text}))}));
    }

    /// A person shares a location.
    pub fn share_location(&self, chat: i64, latitude: f64, longitude: f64) {
        let id = self.next_update_id();
        let content = json!({"location": {"latitude": latitude, "longitude": longitude}});
        self.inject(json!({"update_id": id, "message": message(id, &private(chat), &content)}));
    }

    /// A person presses a button of a message of the bot.
    pub fn press(&self, chat: i64, message_id: i64, data: &str) {
        let id = self.next_update_id();
        let on = message(message_id, &private(chat), &json!({"text": "?"}));
        self.inject(json!({
            "update_id": id,
            "callback_query": {
                "id": format!("callback-{id}"), "from": person(chat), "chat_instance": "1",
                "message": on, "data": data,
            },
        }));
    }
}
