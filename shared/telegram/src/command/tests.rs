use super::*;
use crate::{Chat, ChatKind, Language, limits::utf16_len};

const OURS: i64 = 123_456;

fn us() -> Us {
    Us { id: OURS, username: Some("Oracle_Bot".to_owned()) }
}

fn message(kind: ChatKind, text: Option<Text>) -> Message {
    let chat = Chat { id: 42, kind, thread: None, language: Language::En };
    Message {
        id: 7,
        user: 42,
        chat,
        text,
        picture: None,
        reply_to: None,
        replied_picture: None,
        replied_to_other: false,
        album: None,
    }
}

/// As Telegram sends it: commands are marked.
fn marked(text: &str) -> Text {
    let word = text.split_whitespace().next().unwrap_or_default();
    let entity = Entity { kind: "bot_command".to_owned(), offset: 0, length: utf16_len(word) };
    Text { text: text.to_owned(), entities: if text.starts_with('/') { vec![entity] } else { Vec::new() } }
}

fn private(text: &str) -> Message {
    message(ChatKind::Private, Some(marked(text)))
}

fn group(text: &str) -> Message {
    message(ChatKind::Supergroup, Some(marked(text)))
}

fn photo() -> Photo {
    Photo { file_id: "AgAC3".to_owned(), size_bytes: Some(250_000) }
}

fn of(message: &Message) -> Request {
    Request::of(message, &us())
}

fn draw(prompt: &str, pictures: u8) -> Request {
    Request::Draw { prompt: prompt.to_owned(), pictures }
}

fn regenerate(prompt: &str, pictures: u8) -> Request {
    Request::Regenerate { photo: photo(), prompt: prompt.to_owned(), pictures }
}

#[test]
fn each_command_is_understood_in_private_and_in_groups_whether_it_is_marked_or_not() {
    let monster = |description: &str, pictures| Request::Monster { description: description.to_owned(), pictures };
    let expected = [
        ("/start", Request::Start { payload: None }),
        ("/start ref_123", Request::Start { payload: Some("ref_123".to_owned()) }),
        ("/start an essay", Request::Start { payload: None }),
        ("/help", Request::Help),
        ("/help me", Request::Help),
        ("/draw a red cat", draw("a red cat", 1)),
        ("/draw\n빨간 고양이 🎨", draw("빨간 고양이 🎨", 1)),
        ("/DRAW a cat", draw("a cat", 1)),
        ("/monster with teeth", monster("with teeth", 1)),
        ("/monster x3 with teeth", monster("with teeth", 3)),
        ("/status", Request::Status),
        ("/cancel", Request::Cancel),
        ("/retry", Request::Retry),
        ("/draw", Request::Usage(Usage::Draw)),
        ("/draw   ", Request::Usage(Usage::Draw)),
        ("/draw x4", Request::Usage(Usage::Draw)),
        ("/monster", Request::Usage(Usage::Monster)),
        ("/monster 4x", Request::Usage(Usage::Monster)),
    ];
    for (text, request) in expected {
        let unmarked = Text { text: text.to_owned(), entities: Vec::new() };
        for kind in [ChatKind::Private, ChatKind::Group, ChatKind::Supergroup] {
            assert_eq!(of(&message(kind, Some(marked(text)))), request, "{text}");
            assert_eq!(of(&message(kind, Some(unmarked.clone()))), request, "{text}");
        }
    }
}

#[test]
fn a_count_goes_before_the_prompt() {
    for text in ["/draw x4 a cat", "/draw ×4 a cat", "/draw x4  a cat", "/draw x4\na cat"] {
        assert_eq!(of(&private(text)), draw("a cat", 4), "{text}");
    }
    assert_eq!(of(&private("/draw x10 a cat")), draw("a cat", 10));
    assert_eq!(of(&private("/draw x01 a cat")), draw("a cat", 1));
    for text in ["/draw x0 a cat", "/draw x11 a cat", "/draw ×300 a cat", "/draw x9999", "/draw 300x"] {
        assert_eq!(of(&private(text)), Request::Usage(Usage::Pictures), "{text}");
    }
    for prompt in [
        "4 cats",
        "x",
        "x-ray of a cat",
        "4x4 truck",
        "x12345 robot",
        "x4, a robot",
        "a cat x4",
        "X5 on a mountain road",
        "X5",
        "4x zoom on a cat",
        "2× larger than a house",
        "3장 옥상의 결투",
        "4 a cat",
    ] {
        assert_eq!(of(&private(&format!("/draw {prompt}"))), draw(prompt, 1), "{prompt}");
    }
    for text in ["/draw 4x", "/draw 4×", "/draw 4X"] {
        assert_eq!(of(&private(text)), Request::Usage(Usage::Draw), "{text} alone says nothing to draw");
    }
    assert_eq!(of(&private("x4 a cat")), draw("x4 a cat", 1), "only commands count");
}

#[test]
fn a_command_for_another_bot_is_not_ours() {
    for text in ["/draw@other_bot a cat", "/help@other_bot", "/unknown@other_bot"] {
        assert_eq!(of(&private(text)), Request::Nothing(Silence::AnotherBot), "{text}");
        assert_eq!(of(&group(text)), Request::Nothing(Silence::AnotherBot), "{text}");
    }
    assert_eq!(of(&group("/draw@oracle_bot a cat")), draw("a cat", 1));
    let nameless = Us { username: None, ..us() };
    assert_eq!(Request::of(&group("/draw@any_bot a cat"), &nameless), draw("a cat", 1));
}

#[test]
fn an_unknown_command_gets_help_in_private_and_no_answer_in_groups() {
    assert_eq!(of(&private("/image cat")), Request::Help);
    assert_eq!(of(&group("/image cat")), Request::Nothing(Silence::UnknownCommand));
    assert_eq!(of(&group("/image@oracle_bot cat")), Request::Nothing(Silence::UnknownCommand));
}

#[test]
fn what_is_no_command_is_a_prompt_in_private() {
    for text in ["안녕하세요 🎨 그려줘", "a cat", "/", "// a cat", "/그려줘 고양이", "/@oracle_bot", "/draw@ a cat"]
    {
        let unmarked = Text { text: text.to_owned(), entities: Vec::new() };
        assert_eq!(of(&message(ChatKind::Private, Some(unmarked))), draw(text, 1), "{text}");
    }
    assert_eq!(of(&private("  a cat\n")), draw("a cat", 1));
    assert_eq!(of(&private(" ")), Request::Usage(Usage::Draw));
}

#[test]
fn a_command_is_one_where_telegram_says_so() {
    let entity = |kind: &str, offset, length| Entity { kind: kind.to_owned(), offset, length };
    let text = |text: &str, entities| message(ChatKind::Private, Some(Text { text: text.to_owned(), entities }));
    // In the middle it is part of the prompt.
    assert_eq!(of(&text("🎨 /image cat", vec![entity("bot_command", 3, 6)])), draw("🎨 /image cat", 1));
    // Other marks show that commands would be marked too.
    assert_eq!(of(&text("/draw bold", vec![entity("bold", 6, 4)])), draw("/draw bold", 1));
    let both = vec![entity("bold", 0, 10), entity("bot_command", 0, 5)];
    assert_eq!(of(&text("/draw bold", both)), draw("bold", 1));
    // Places that are none.
    for length in [0, 3, 400, usize::MAX] {
        assert_eq!(of(&text("/🎨x", vec![entity("bot_command", 0, length)])), draw("/🎨x", 1), "{length}");
    }
}

#[test]
fn people_in_groups_talk_to_each_other_unless_they_reply_to_us() {
    let talk = Request::Nothing(Silence::Talk);
    for kind in [ChatKind::Group, ChatKind::Supergroup] {
        let said = message(kind, Some(marked("a cat")));
        assert_eq!(of(&said), talk);
        assert_eq!(of(&Message { reply_to: Some(42), ..said.clone() }), talk);
        assert_eq!(of(&Message { reply_to: Some(OURS), ..said.clone() }), draw("a cat", 1));
        let shown = Message { picture: Some(photo()), ..said };
        assert_eq!(of(&shown), talk);
        assert_eq!(of(&Message { reply_to: Some(OURS), ..shown.clone() }), regenerate("a cat", 1));
        assert_eq!(of(&Message { text: None, ..shown.clone() }), talk);
        let uncaptioned = Message { text: None, reply_to: Some(OURS), ..shown };
        assert_eq!(of(&uncaptioned), Request::Usage(Usage::Caption));
    }
}

#[test]
fn a_picture_with_a_caption_is_drawn_again() {
    let shown = |text: &str| Message { picture: Some(photo()), ..private(text) };
    assert_eq!(of(&shown("make it blue")), regenerate("make it blue", 1));
    assert_eq!(of(&shown("/draw make it blue")), regenerate("make it blue", 1));
    assert_eq!(of(&shown("/draw x2 make it blue")), regenerate("make it blue", 2));
    assert_eq!(of(&shown("/draw")), Request::Usage(Usage::Caption));
    let monster = Request::Monster { description: "with teeth".to_owned(), pictures: 1 };
    assert_eq!(of(&shown("/monster with teeth")), monster);
    assert_eq!(of(&shown("/status")), Request::Status);
    assert_eq!(of(&Message { picture: Some(photo()), ..group("/draw make it blue") }), regenerate("make it blue", 1));
}

#[test]
fn a_picture_without_a_caption_needs_one_unless_another_of_its_album_has_it() {
    let shown = |text| Message { picture: Some(photo()), ..message(ChatKind::Private, text) };
    assert_eq!(of(&shown(None)), Request::Usage(Usage::Caption));
    assert_eq!(of(&shown(Some(marked(" ")))), Request::Usage(Usage::Caption));
    let of_album = |text| Message { album: Some("13".to_owned()), ..shown(text) };
    assert_eq!(of(&of_album(None)), Request::Nothing(Silence::OfAnAlbum));
    assert_eq!(of(&of_album(Some(marked("make it blue")))), regenerate("make it blue", 1));
}

#[test]
fn a_reply_to_a_picture_is_about_that_picture() {
    let replying = |said: Message| Message { reply_to: Some(42), replied_picture: Some(photo()), ..said };
    assert_eq!(of(&replying(private("더 어둡게"))), regenerate("더 어둡게", 1));
    for said in [private("/draw x2 darker"), group("/draw x2 darker")] {
        assert_eq!(of(&replying(said)), regenerate("darker", 2));
    }
    assert_eq!(of(&replying(private("/draw"))), Request::Usage(Usage::Caption));
    assert_eq!(of(&replying(private("/status"))), Request::Status);
    let monster = Request::Monster { description: "with teeth".to_owned(), pictures: 1 };
    assert_eq!(of(&replying(private("/monster with teeth"))), monster);
    // In groups people talk to each other under pictures, unless it is the bot's.
    assert_eq!(of(&replying(group("darker"))), Request::Nothing(Silence::Talk));
    assert_eq!(of(&Message { reply_to: Some(OURS), ..replying(group("darker")) }), regenerate("darker", 1));
    // A picture of its own goes before.
    let own = Photo { file_id: "own".to_owned(), size_bytes: None };
    let both = Message { picture: Some(own.clone()), ..replying(private("like this")) };
    assert_eq!(of(&both), Request::Regenerate { photo: own, prompt: "like this".to_owned(), pictures: 1 });
}

#[test]
fn words_that_reply_to_a_video_are_no_prompt_of_their_own() {
    let replying = |said: Message| Message { reply_to: Some(OURS), replied_to_other: true, ..said };
    assert_eq!(of(&replying(private("darker"))), Request::Usage(Usage::Reply));
    assert_eq!(of(&replying(group("darker"))), Request::Usage(Usage::Reply));
    assert_eq!(of(&replying(private("/draw a cat"))), draw("a cat", 1), "a command says what is to be drawn");
    let shown = Message { picture: Some(photo()), ..replying(private("like this")) };
    assert_eq!(of(&shown), regenerate("like this", 1));
}

#[test]
fn what_is_not_read_is_told_in_private_and_to_those_who_answer_the_bot() {
    let unread = |kind, reply_to| {
        let chat = Chat { id: 42, kind, thread: None, language: Language::En };
        Unread { message: 7, user: 42, chat, reply_to, kind: crate::UnreadKind::Media }
    };
    assert!(us().are_meant_by(&unread(ChatKind::Private, None)));
    assert!(us().are_meant_by(&unread(ChatKind::Supergroup, Some(OURS))));
    assert!(!us().are_meant_by(&unread(ChatKind::Supergroup, None)));
    assert!(!us().are_meant_by(&unread(ChatKind::Group, Some(42))));
}
