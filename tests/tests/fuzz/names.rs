//! Names in texts, and the texts themselves.

use toonmill_plans::{is_same_name, letters, mentioned};

use crate::{decisions::Decisions, spoil};

const NAMES: [&str; 12] =
    ["민수", "수진", "하늘", "하나", "하나님", "한서윤", "김 도윤", "준", "Ann Lee", "O'Neil", "Jean-Luc", "さくら"];

const RIGHT: [&str; 4] = [
    "민수: 수진이한테까지 말했어?\n하늘이가 웃는다. 하나님, 서윤아아! 준이는요?",
    "[김도윤] Ann’s hat…\r\nO’NEIL (V.O.): Jean‑Luc, 민순 어디 갔어ㅋㅋ",
    "민수민수야, 하나E: 지우였을지도\u{2028}さくらが笑う。",
    "민수라던데요이랑이랑이랑이네들께서부터까지야말로커녕",
];

#[test]
fn names() {
    bolero::check!().for_each(|input: &[u8]| {
        let mut decisions = Decisions::new(input);
        let right = decisions.one_of(&RIGHT);
        let text = spoil::text(right, &mut decisions);
        let found = mentioned(&text, NAMES);
        assert!(found.iter().all(|name| NAMES.contains(name)));
        let again = mentioned(&letters::composed(&text), NAMES);
        assert_eq!(found, again, "{text:?}");
        let shown = letters::visible(&text);
        assert_eq!(letters::visible(&shown), shown, "{text:?}");
        assert_eq!(letters::is_blank(&text), letters::is_blank(&shown), "{text:?}");
        assert!(letters::count(&text) <= text.chars().count());
        for name in NAMES {
            assert!(is_same_name(name, &format!(" {} ", name.to_uppercase())), "{name}");
            assert!(
                found.contains(&name) || mentioned(&format!("{text}\n{name}: x"), NAMES).contains(&name),
                "{text:?}"
            );
        }
    });
}
