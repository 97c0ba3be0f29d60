//! What the methods do and give, against recorded exchanges and by themselves.

use serde_json::{Value, json};
use toonmill_standins::telegram::{Action, Group};

use super::bot::{Bot, TOKEN, USER, multipart, png, user};
use crate::world::{names, recorded};

/// What a recorded request is answered with.
async fn replay(bot: &Bot, name: &str) -> (u16, Value) {
    let request = recorded("telegram", &format!("requests/{name}"));
    let url = format!("{}{}", bot.world.server.base_url(), request["path"].as_str().unwrap());
    let (content_type, body) = match &request["body"] {
        Value::String(text) => ("application/x-www-form-urlencoded".to_owned(), text.clone().into_bytes()),
        Value::Null => (String::new(), Vec::new()),
        form => {
            // The pictures of the recording are not whole.
            let parts = form["multipart"].as_array().unwrap();
            let header = |part: &Value, name: &str| {
                let head = part["headers"]["Content-Disposition"].as_str().unwrap().to_owned();
                head.split(&format!("{name}=\"")).nth(1).map(|rest| rest.split('"').next().unwrap().to_owned())
            };
            let picture = png(900, 900);
            let named: Vec<_> = parts.iter().map(|part| (header(part, " name").unwrap(), part)).collect();
            let texts: Vec<_> = named
                .iter()
                .filter_map(|(name, part)| part["text"].as_str().map(|text| (name.as_str(), text)))
                .collect();
            let files: Vec<_> = named
                .iter()
                .filter(|(_, part)| part["base64"].is_string())
                .map(|(name, _)| (name.as_str(), "orig.png", picture.as_slice()))
                .collect();
            multipart(&texts, &files)
        }
    };
    let request = bot.world.client.post(url).header("content-type", content_type).body(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn answers_to_recorded_requests_have_the_recorded_fields() {
    for name in [
        "getMe",
        "setWebhook",
        "sendMessage",
        "sendPhoto_upload",
        "sendDocument_upload",
        "sendMediaGroup_upload",
        "sendChatAction",
        "editMessageText",
        "deleteMessage",
        "answerCallbackQuery",
    ] {
        let bot = Bot::met().await;
        // The recorded ones reply to message 7, and edit and delete message 100.
        let update = json!({ "message": { "message_id": 7, "date": 1, "chat": { "id": USER, "type": "private" }, "text": "x" } });
        bot.telegram().deliver(TOKEN, update, 1).unwrap();
        let mine = json!({ "callback_query": { "id": "cb1", "message": {
            "message_id": 100, "date": 1, "chat": { "id": USER, "type": "private" }, "text": "before",
            "from": { "id": 123_456, "is_bot": true, "first_name": "Oracle" },
        } } });
        bot.telegram().deliver(TOKEN, mine, 1).unwrap();
        let (status, answer) = replay(&bot, name).await;
        let wanted = recorded("telegram", &format!("answers/{name}"));
        assert_eq!(status, wanted["status"], "{name}: {answer}");
        // What was asked for and not recorded: the keyboard, the message that is replied to, the preview of a document.
        let extra = ["reply_markup", "reply_to_message", "result.last_name", "chat.last_name", "document.thumb"];
        let mut given = names(&answer);
        given.retain(|field| !extra.iter().any(|extra| field.contains(extra)));
        assert_eq!(given, names(&wanted["body"]), "{name}");
    }
}

#[tokio::test]
async fn a_method_is_found_by_get_and_post_and_however_it_is_capitalised() {
    let bot = Bot::met().await;
    let url = format!("{}?chat_id={USER}&text=%EC%95%88%EB%85%95", bot.url("SENDmessage"));
    let answer: Value = bot.world.client.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["result"]["text"], "안녕");
    assert_eq!(bot.refusal("sendPigeon", json!({})).await, (404, "Not Found".into()));
}

#[tokio::test]
async fn tokens_that_are_none_and_tokens_of_nobody_are_refused() {
    let bot = Bot::new().await;
    let get = async |token: &str| {
        let url = format!("{}/bot{token}/getMe", bot.world.server.base_url());
        let response = bot.world.client.get(url).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap()["description"].clone())
    };
    assert_eq!(get("nonsense").await, (404, json!("Not Found")));
    assert_eq!(get("1:a%2Fb").await, (404, json!("Not Found")));
    let settings = toonmill_standins::telegram::Settings { tokens: Some(vec![TOKEN.into()]), ..Default::default() };
    bot.set(settings);
    assert_eq!(get("654321:OTHER").await, (401, json!("Unauthorized")));
    assert_eq!(get("123456%3AORACLE").await, (200, Value::Null), "a colon may be encoded");
}

#[tokio::test]
async fn a_message_is_sent_edited_and_deleted() {
    let bot = Bot::met().await;
    let id = bot.say("drawing…").await;
    assert_eq!(id, 2, "numbers go up in a chat, whoever writes");
    let fields = json!({ "chat_id": USER, "message_id": id, "text": "half" });
    let edited = bot.result("editMessageText", fields.clone()).await;
    assert!(edited["edit_date"].as_i64() >= edited["date"].as_i64() && edited["text"] == "half");
    let recorded = recorded("telegram", "answers/err_400_notmodified");
    assert_eq!(bot.call("editMessageText", fields).await, (400, recorded["body"].clone()));
    let entry = bot.message(USER, id);
    assert_eq!(entry.edits.len(), 1);
    assert_eq!((&entry.edits[0].message["text"], entry.by_bot), (&json!("half"), true));
    let message = json!({ "chat_id": USER, "message_id": id });
    assert_eq!(bot.result("deleteMessage", message.clone()).await, true);
    assert!(bot.message(USER, id).deleted_at_ms.is_some());
    let recorded = self::recorded("telegram", "answers/err_400_delete");
    assert_eq!(bot.call("deleteMessage", message).await, (400, recorded["body"].clone()));
    let gone = json!({ "chat_id": USER, "message_id": id, "text": "x" });
    assert_eq!(bot.refusal("editMessageText", gone).await.1, "Bad Request: message to edit not found");
    let not_mine = json!({ "chat_id": USER, "message_id": 1, "text": "x" });
    assert_eq!(bot.refusal("editMessageText", not_mine).await.1, "Bad Request: message can't be edited");
}

#[tokio::test]
async fn a_message_becomes_a_photo_then_another_and_then_a_document() {
    let bot = Bot::met().await;
    let id = bot.say("drawing…").await.to_string();
    let media = r#"{"type": "photo", "media": "attach://p", "caption": "<b>done</b>", "parse_mode": "HTML"}"#;
    let fields = [("chat_id", "42"), ("message_id", id.as_str()), ("media", media)];
    let picture = png(1024, 512);
    let (status, answer) = bot.upload("editMessageMedia", &fields, &[("p", "image.png", &picture)]).await;
    assert_eq!(status, 200, "{answer}");
    let message = &answer["result"];
    assert_eq!((&message["caption"], &message["caption_entities"][0]["type"]), (&json!("done"), &json!("bold")));
    assert!(message.get("text").is_none());
    let sizes: Vec<_> =
        message["photo"].as_array().unwrap().iter().map(|size| size["width"].as_u64().unwrap()).collect();
    assert_eq!(sizes, [90, 320, 800, 1024]);
    let id: i64 = id.parse().unwrap();
    let file = |as_sent| bot.telegram().file(TOKEN, USER, id, as_sent).unwrap();
    assert_eq!(file(true).bytes, picture);
    let shown = image::load_from_memory(&file(false).bytes).unwrap();
    assert_eq!((shown.width(), shown.height(), file(false).media_type.as_str()), (1024, 512, "image/jpeg"));
    let facts = bot.message(USER, id).file.unwrap();
    assert_eq!((facts.sent_name.as_str(), facts.sent_px), ("image.png", Some((1024, 512))));
    // By its id it is the same file, so that nothing is new but the caption.
    let file_id = message["photo"][3]["file_id"].clone();
    let again = |caption: &str| json!({ "chat_id": USER, "message_id": id, "media": { "type": "photo", "media": file_id, "caption": caption } });
    assert_eq!(bot.result("editMessageMedia", again("once more")).await["caption"], "once more");
    assert!(bot.refusal("editMessageMedia", again("once more")).await.1.contains("message is not modified"));
    let caption = json!({ "chat_id": USER, "message_id": id, "caption": "last" });
    assert_eq!(bot.result("editMessageCaption", caption).await["caption"], "last");
    let wrong = json!({ "chat_id": USER, "message_id": id, "media": { "type": "document", "media": file_id } });
    assert_eq!(bot.refusal("editMessageMedia", wrong).await.1, "Bad Request: can't use file of type Photo as Document");
    let media = r#"{"type": "document", "media": "attach://d"}"#;
    let id_text = id.to_string();
    let fields = [("chat_id", "42"), ("message_id", id_text.as_str()), ("media", media)];
    let (_, answer) = bot.upload("editMessageMedia", &fields, &[("d", "art.png", &picture)]).await;
    assert_eq!(answer["result"]["document"]["file_name"], "art.png");
    assert_eq!(bot.message(USER, id).edits.len(), 4);
}

#[tokio::test]
async fn a_file_is_fetched_by_its_path() {
    let bot = Bot::met().await;
    let picture = png(100, 100);
    let (_, answer) = bot.upload("sendDocument", &[("chat_id", "42")], &[("document", "그림.png", &picture)]).await;
    let document = &answer["result"]["document"];
    assert_eq!(document["file_name"], "그림.png");
    let file = bot.result("getFile", json!({ "file_id": document["file_id"] })).await;
    assert_eq!(names(&file), names(&recorded("telegram", "answers/getFile_download")["body"]["result"]));
    assert_eq!(
        (&file["file_size"], file["file_path"].as_str().unwrap()),
        (&json!(picture.len()), "documents/file_0.png")
    );
    let url = format!("{}/file/bot{TOKEN}/documents/file_0.png", bot.world.server.base_url());
    let fetch = async |url: &str| bot.world.client.get(url).send().await.unwrap();
    assert_eq!(fetch(&url).await.bytes().await.unwrap(), picture);
    assert_eq!(fetch(&url.replace("file_0", "file_9")).await.status(), 404);
    assert_eq!(bot.refusal("getFile", json!({ "file_id": "AgAC" })).await.1, "Bad Request: invalid file_id");
}

#[tokio::test]
async fn an_album_is_several_messages_with_one_name() {
    let bot = Bot::met().await;
    let media =
        r#"[{"type": "photo", "media": "attach://a", "caption": "all"}, {"type": "photo", "media": "attach://b"}]"#;
    let (a, b) = (png(64, 64), png(32, 64));
    let fields = [("chat_id", "42"), ("media", media)];
    let (status, answer) = bot.upload("sendMediaGroup", &fields, &[("a", "a.png", &a), ("b", "b.png", &b)]).await;
    assert_eq!(status, 200, "{answer}");
    let [first, second] = answer["result"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_eq!((first["message_id"].as_i64(), second["message_id"].as_i64()), (Some(2), Some(3)));
    assert!(first["media_group_id"].is_string() && first["media_group_id"] == second["media_group_id"]);
    let one = json!({ "chat_id": USER, "media": [{ "type": "photo", "media": first["photo"][0]["file_id"] }] });
    assert_eq!(bot.refusal("sendMediaGroup", one).await.0, 400);
}

#[tokio::test]
async fn replies_and_topics_are_kept() {
    let bot = Bot::new().await;
    let group = Group::forum(-1_001_234_567_890);
    let asked = bot.act(Action::text(user(), "/draw a cat").within(group.clone()).in_topic(3)).await;
    let fields = json!({
        "chat_id": group.id, "message_thread_id": 3, "text": "drawing…",
        "reply_parameters": { "message_id": asked.message_id },
    });
    let message = bot.result("sendMessage", fields).await;
    assert_eq!((&message["message_thread_id"], &message["is_topic_message"]), (&json!(3), &json!(true)));
    assert_eq!(message["reply_to_message"]["text"], "/draw a cat");
    assert_eq!(message["chat"]["is_forum"], true);
    let elsewhere = json!({ "chat_id": group.id, "message_thread_id": 4, "text": "x" });
    assert_eq!(bot.refusal("sendMessage", elsewhere).await.1, "Bad Request: message thread not found");
    let mut reply = json!({ "chat_id": group.id, "text": "x", "reply_parameters": { "message_id": 99 } });
    let refused = bot.refusal("sendMessage", reply.clone()).await.1;
    assert_eq!(refused, "Bad Request: message to be replied not found");
    reply["reply_parameters"]["allow_sending_without_reply"] = json!(true);
    assert!(bot.result("sendMessage", reply).await.get("reply_to_message").is_none());
}

#[tokio::test]
async fn chats_that_are_not_there_and_users_who_left_are_told_apart() {
    let bot = Bot::new().await;
    let hello = json!({ "chat_id": USER, "text": "x" });
    let recorded = |name: &str| recorded("telegram", &format!("answers/{name}"))["body"].clone();
    assert_eq!(bot.call("sendMessage", hello.clone()).await, (400, recorded("err_400_chat")));
    bot.act(Action::text(user(), "/start")).await;
    bot.result("sendMessage", hello.clone()).await;
    let blocked = Action::new(user(), toonmill_standins::telegram::What::Block {});
    bot.act(blocked).await;
    assert_eq!(bot.call("sendMessage", hello.clone()).await, (403, recorded("err_403_blocked")));
    bot.act(Action::new(user(), toonmill_standins::telegram::What::Unblock {})).await;
    bot.result("sendMessage", hello).await;
}

#[tokio::test]
async fn a_webhook_is_set_described_and_taken_away() {
    let bot = Bot::new().await;
    let refused = async |url: &str, secret: &str| {
        bot.refusal("setWebhook", json!({ "url": url, "secret_token": secret })).await.1
    };
    assert!(refused("http://bot.example.com/", "").await.contains("An HTTPS URL must be provided"));
    assert!(refused("https://bot.example.com:444/", "").await.contains("only on ports"));
    assert!(refused("https://bot.example.com/", "no spaces").await.contains("unallowed characters"));
    let (status, _) = replay(&bot, "setWebhook").await;
    assert_eq!(status, 200);
    let info = bot.result("getWebhookInfo", json!({})).await;
    assert_eq!(info["url"], "https://bot.example.com/tg");
    assert_eq!(info["allowed_updates"], json!(["message", "callback_query"]));
    let recorded = recorded("telegram", "answers/err_409");
    assert_eq!(bot.call("getUpdates", json!({})).await, (409, recorded["body"].clone()));
    assert_eq!(bot.result("deleteWebhook", json!({})).await, true);
    assert_eq!(bot.result("getWebhookInfo", json!({})).await["url"], "");
    bot.act(Action::text(user(), "a")).await;
    bot.act(Action::text(user(), "b")).await;
    let updates = bot.result("getUpdates", json!({})).await;
    assert_eq!(updates.as_array().unwrap().len(), 2);
    let offset = updates[1]["update_id"].clone();
    let rest = bot.result("getUpdates", json!({ "offset": offset })).await;
    assert_eq!(rest[0]["message"]["text"], "b");
}
