//! What users do, and how the bot hears of it.

use serde_json::{Value, json};
use toonmill_standins::telegram::{Action, ActionError, Data, Group, Person, Settings, What};

use super::bot::{Bot, Hook, PATIENCE, TOKEN, USER, png, user};
use crate::world::{names, recorded};

impl Bot {
    async fn hooked() -> (Self, Hook) {
        let (bot, hook) = (Self::new().await, Hook::open().await);
        let settings = Settings { backoff_ms: (1, 4), ..Settings::default() };
        bot.set(settings);
        bot.result("setWebhook", json!({ "url": hook.url, "secret_token": "s3cr3t-Token_1" })).await;
        (bot, hook)
    }

    async fn quiet(&self) {
        assert!(self.telegram().quiet(TOKEN, PATIENCE).await);
    }
}

/// The fields of an update but those that are said to differ.
fn fields(update: &Value, except: &[&str]) -> Vec<String> {
    let mut names = names(update);
    names.retain(|name| !except.iter().any(|except| name.contains(except)));
    names
}

#[tokio::test]
async fn what_users_do_reaches_the_bot_in_the_recorded_shapes() {
    let (bot, hook) = Bot::hooked().await;
    let picture = png(1280, 1280);
    bot.act(Action::text(user(), "안녕하세요 🎨 그려줘")).await;
    bot.act(Action::text(user(), "/start ref_123")).await;
    bot.act(Action::text(user(), "🎨 /image cat")).await;
    let sent = bot.act(Action::photo(user(), picture.clone(), "make it blue")).await;
    let sent_photo = sent.update.unwrap()["message"]["photo"][3]["file_id"].clone();
    let data = Data(picture.into());
    let document =
        What::Document { data, file_name: "a.png".into(), mime_type: "image/png".into(), caption: String::new() };
    bot.act(Action::new(user(), document)).await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Again", "callback_data": "again:1" }]] });
    let fields_of_mine = json!({ "chat_id": USER, "text": "done", "reply_markup": keyboard });
    let mine = bot.result("sendMessage", fields_of_mine).await["message_id"].as_i64().unwrap();
    bot.act(Action::new(user(), What::Edit { message_id: 1, text: "fixed".into() })).await;
    bot.act(Action::new(user(), What::Press { message_id: mine, data: "again:1".into() })).await;
    bot.act(Action::text(user(), "/image@standin_123456_bot cat").within(Group::forum(-100_777)).in_topic(3)).await;
    let photo = json!({ "chat_id": USER, "photo": sent_photo });
    let photo = bot.result("sendPhoto", photo).await["message_id"].as_i64().unwrap();
    bot.act(Action::text(user(), "this one").replying_to(photo)).await;
    bot.act(Action::new(user(), What::Block {})).await;
    bot.quiet().await;
    let mut updates = hook.updates();
    updates.sort_by_key(|update| update["update_id"].as_i64());
    let names_of_recorded = [
        "message_text",
        "message_command",
        "message_emoji_entities",
        "message_photo",
        "message_document_image",
        "edited_message",
        "callback_query",
        "message_group_topic",
        "message_reply",
        "my_chat_member_blocked",
    ];
    assert_eq!(updates.len(), names_of_recorded.len());
    for (update, name) in updates.iter().zip(names_of_recorded) {
        let recorded = &recorded("telegram", &format!("updates/{name}"))["body"];
        assert_eq!(fields(update, &[]), fields(recorded, &[]), "{name}");
    }
    for (index, name) in [(1, "message_command"), (2, "message_emoji_entities")] {
        let recorded = &recorded("telegram", &format!("updates/{name}"))["body"];
        assert_eq!(updates[index]["message"]["entities"], recorded["message"]["entities"]);
    }
    assert!(updates.windows(2).all(|pair| pair[0]["update_id"].as_i64() < pair[1]["update_id"].as_i64()));
    assert!(hook.secrets().iter().all(|secret| secret.as_deref() == Some("s3cr3t-Token_1")));
}

#[tokio::test]
async fn an_update_that_is_not_answered_well_comes_again_and_keeps_its_number() {
    let (bot, hook) = Bot::hooked().await;
    for status in [500, 302, 404] {
        hook.answer(status, "");
    }
    let first = bot.act(Action::text(user(), "first")).await;
    let second = bot.act(Action::text(user(), "second")).await;
    bot.quiet().await;
    let texts: Vec<_> = hook.updates().iter().map(|update| update["message"]["text"].clone()).collect();
    assert_eq!(texts, ["first", "first", "first", "first", "second"], "a chat is told in its order");
    let ids: Vec<_> = hook.updates().iter().map(|update| update["update_id"].as_i64()).collect();
    assert_eq!(ids[..4], [first.update_id; 4]);
    assert_eq!(ids[4], second.update_id);
    let deliveries = bot.telegram().deliveries(TOKEN);
    let attempts: Vec<_> = deliveries.iter().map(|delivery| (delivery.attempt, delivery.status)).collect();
    assert_eq!(attempts, [(1, Some(500)), (2, Some(302)), (3, Some(404)), (4, Some(200)), (1, Some(200))]);
    let info = bot.result("getWebhookInfo", json!({})).await;
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 404 Not Found");
    let recorded = &recorded("telegram", "answers/getWebhookInfo")["body"]["result"];
    assert_eq!(fields(&info, &[]), fields(recorded, &["allowed_updates"]));
}

#[tokio::test]
async fn updates_wait_for_a_webhook_and_for_one_that_is_down() {
    let bot = Bot::new().await;
    bot.set(Settings { backoff_ms: (1, 4), ..Settings::default() });
    bot.act(Action::text(user(), "early")).await;
    // A port that nobody listens on.
    let closed = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    bot.result("setWebhook", json!({ "url": format!("http://{closed}/") })).await;
    let failed = || !bot.telegram().deliveries(TOKEN).is_empty();
    assert!(bot.telegram().until(PATIENCE, failed).await);
    assert_eq!(bot.telegram().deliveries(TOKEN)[0].error.as_deref(), Some("Connection refused"));
    assert_eq!(bot.result("getWebhookInfo", json!({})).await["pending_update_count"], 1);
    let hook = Hook::open().await;
    bot.result("setWebhook", json!({ "url": hook.url })).await;
    bot.quiet().await;
    assert_eq!((hook.updates().len(), hook.secrets()), (1, vec![None]));
    bot.result("deleteWebhook", json!({})).await;
    bot.act(Action::text(user(), "late")).await;
    let dropping = json!({ "url": hook.url, "drop_pending_updates": true });
    bot.result("setWebhook", dropping).await;
    bot.quiet().await;
    assert_eq!(hook.updates().len(), 1);
}

#[tokio::test]
async fn recorded_updates_are_delivered_as_they_are_and_as_often_as_wanted() {
    let (bot, hook) = Bot::hooked().await;
    for name in [
        "message_text",
        "message_channel_sender",
        "channel_post",
        "callback_query",
        "callback_query_inaccessible",
        "pre_checkout_query",
        "successful_payment",
    ] {
        let update = recorded("telegram", &format!("updates/{name}"))["body"].clone();
        bot.telegram().deliver(TOKEN, update.clone(), 3).unwrap();
        bot.quiet().await;
        let updates = hook.updates();
        assert_eq!(updates[updates.len() - 3..], vec![update; 3], "{name}");
    }
    // The bot can answer what it was told of: the message, and the press of the button.
    let reply = json!({ "chat_id": USER, "text": "x", "reply_parameters": { "message_id": 7 } });
    assert_eq!(bot.result("sendMessage", reply).await["reply_to_message"]["message_id"], 7);
    let edit = json!({ "chat_id": USER, "message_id": 100, "text": "changed" });
    assert_eq!(bot.result("editMessageText", edit).await["text"], "changed");
    let answer = json!({ "callback_query_id": "181818" });
    assert_eq!(bot.result("answerCallbackQuery", answer.clone()).await, true);
    assert!(bot.refusal("answerCallbackQuery", answer).await.1.contains("query is too old"));
    let numbered = bot.telegram().deliver(TOKEN, json!({ "brand_new_kind": {} }), 1).unwrap();
    assert!(numbered.update_id > Some(900_015));
    assert_eq!(bot.telegram().deliver(TOKEN, json!([]), 1), Err(ActionError::NoUpdate));
}

#[tokio::test]
async fn a_method_in_the_webhooks_answer_is_carried_out() {
    let (bot, hook) = Bot::hooked().await;
    hook.answer(200, json!({ "method": "sendMessage", "chat_id": USER, "text": "heard" }).to_string());
    hook.answer(200, json!({ "method": "sendMessage", "chat_id": 1, "text": "nobody" }).to_string());
    bot.act(Action::text(user(), "a")).await;
    bot.act(Action::text(user(), "b")).await;
    bot.quiet().await;
    assert_eq!(bot.texts(USER), ["heard"]);
    let calls: Vec<_> = bot.telegram().calls(TOKEN).into_iter().filter(|call| call.by_webhook).collect();
    assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [200, 400]);
    let methods: Vec<_> = bot.telegram().deliveries(TOKEN).into_iter().map(|delivery| delivery.method).collect();
    assert_eq!(methods, [Some("sendMessage".to_owned()), Some("sendMessage".to_owned())]);
}

#[tokio::test]
async fn a_bot_hears_of_what_it_wants_and_of_what_is_meant_for_it() {
    let (bot, hook) = Bot::hooked().await;
    let allowed = json!({ "url": hook.url, "allowed_updates": ["message"] });
    bot.result("setWebhook", allowed).await;
    let group = Group::supergroup(-1_001);
    let write = |text: &str| Action::text(Person::speaking(7, "en"), text).within(group.clone());
    assert!(bot.act(write("among ourselves")).await.withheld.is_some());
    assert!(bot.act(write("/draw@another_bot x")).await.withheld.is_some());
    assert!(bot.act(write("/draw x")).await.update_id.is_some());
    assert!(bot.act(write("hey @standin_123456_bot")).await.update_id.is_some());
    let mine = bot.result("sendMessage", json!({ "chat_id": group.id, "text": "yes?" })).await;
    let reply = write("blue").replying_to(mine["message_id"].as_i64().unwrap());
    assert!(bot.act(reply).await.update_id.is_some());
    let edit = Action::new(Person::new(7), What::Edit { message_id: 3, text: "/draw y".into() }).within(group.clone());
    assert!(bot.act(edit).await.withheld.unwrap().contains("allowed_updates"));
    bot.quiet().await;
    assert_eq!(hook.updates().len(), 3);
}

#[tokio::test]
async fn a_user_can_only_do_what_can_be_done() {
    let bot = Bot::met().await;
    let mine = bot.say("x").await;
    let act = async |what: What| bot.telegram().act(TOKEN, Action::new(user(), what)).await.unwrap_err();
    let text = "y".to_owned();
    assert_eq!(act(What::Edit { message_id: mine, text: text.clone() }).await, ActionError::NotOwn(mine));
    assert_eq!(act(What::Edit { message_id: 99, text: text.clone() }).await, ActionError::NoMessage(99));
    assert_eq!(act(What::Press { message_id: mine, data: text.clone() }).await, ActionError::NoButton(mine, text));
    assert_eq!(act(What::Text { text: " ".into() }).await, ActionError::Empty);
    let photo = What::Photo { data: Data(b"x"[..].into()), caption: String::new() };
    assert_eq!(act(photo).await, ActionError::NoPhoto("IMAGE_PROCESS_FAILED".into()));
    let topic = Action::text(user(), "x").in_topic(3);
    assert_eq!(bot.telegram().act(TOKEN, topic).await, Err(ActionError::NoTopics));
    let nobody = bot.telegram().act("99", Action::text(user(), "x")).await;
    assert_eq!(nobody, Err(ActionError::NoBot));
}
