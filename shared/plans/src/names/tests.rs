use std::collections::{BTreeMap, BTreeSet};

use super::*;

const CAST: [&str; 6] = ["민수", "수진", "민수진", "한결", "Ann", "김 도윤"];

fn found(text: &str) -> Vec<&'static str> {
    mentioned(text, CAST)
}

#[test]
fn a_name_is_found_with_every_particle_that_can_follow_it() {
    for text in [
        "민수",
        "민수가",
        "민수는",
        "민수를",
        "민수와",
        "민수랑",
        "민수에게",
        "민수한테",
        "민수께서",
        "민수의",
        "민수도",
        "민수만",
        "민수부터",
        "민수까지",
        "민수처럼",
        "민수로",
        "민수야",
        "민수예요",
        "민수에게는",
        "민수한테도",
        "민수씨가",
        "민수네",
        "민수라고",
        "민수: 왔어?",
        "\"민수!\"",
        "(민수)",
        "…민수…",
    ] {
        assert_eq!(found(text), ["민수"], "{text}");
    }
    for text in [
        "수진",
        "수진이",
        "수진은",
        "수진을",
        "수진과",
        "수진이랑",
        "수진에게",
        "수진한테",
        "수진께서",
        "수진의",
        "수진도",
        "수진만",
        "수진부터",
        "수진까지",
        "수진처럼",
        "수진으로",
        "수진아",
        "수진이에요",
        "수진이가",
        "수진이는",
        "수진이한테까지",
        "수진님은",
    ] {
        assert_eq!(found(text), ["수진"], "{text}");
    }
    assert_eq!((found("한결로"), found("한결으로")), (vec!["한결"], vec![]));
}

#[test]
fn a_particle_that_cannot_follow_makes_another_word() {
    for text in [
        "민수은",
        "민수을",
        "민수과",
        "민수으로",
        "수진가",
        "수진는",
        "수진를",
        "수진와",
        "수진야",
        "민수학",
        "민수야구",
        "박민수",
    ] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}

#[test]
fn a_longer_name_is_meant_and_not_the_one_that_it_begins_with() {
    assert_eq!(found("민수진이 웃는다"), ["민수진"]);
    assert_eq!(found("민수진과 민수가 웃는다"), ["민수진", "민수"]);
    assert_eq!(mentioned("수진이가 왔다", ["수진", "수진이"]), ["수진이"]);
    assert_eq!(mentioned("민수진이 웃는다", ["민수"]), [""; 0]);
}

#[test]
fn characters_of_one_name_do_not_hide_each_others_given_name() {
    assert_eq!(mentioned("서윤아!", ["한서윤", "한서윤"]), ["한서윤"]);
    assert_eq!(mentioned("서윤아!", ["한서윤", "김서윤"]), [""; 0]);
    assert_eq!(mentioned("서윤아!", ["한서윤", "김서윤", "서윤"]), ["서윤"]);
}

#[test]
fn a_long_script_with_a_thousand_names_is_read_in_no_time() {
    let nested: Vec<String> = (1..=100)
        .flat_map(|n| ["가".repeat(n), "가 ".repeat(n), format!("{}{n}", "이".repeat(n))])
        .chain((0..700).map(|n| format!("가가가가가가가{n}")))
        .collect();
    for text in [
        "가",
        "가 ",
        "가이랑",
        "이",
        "가이네들이네들이네들 ",
        "가아가씨아가씨아가씨님 ",
        "가이아아아아 ",
        "가: ",
        "가가가와",
        "가가가랑이이이",
        "가아아암",
        "가오빤 ",
        "a'",
        "[가",
    ] {
        let script: String = text.chars().cycle().take(60_000).collect();
        let found = mentioned(&script, nested.iter().map(String::as_str));
        assert!(found.len() <= nested.len(), "{text}");
        assert!(unmatched(&script, &["민수"]).len() <= 40, "{text}");
    }
}

#[test]
fn names_come_in_the_order_of_the_text_and_once() {
    assert_eq!(found("수진: 민수야! 한결 좀 봐.\n민수: 수진아, Ann은?"), ["수진", "민수", "한결", "Ann"]);
    assert_eq!(mentioned("", CAST), [""; 0]);
    assert_eq!(mentioned("민수", [" ", ""]), [""; 0]);
}

#[test]
fn an_english_name_is_a_word_of_its_own_and_may_have_korean_particles() {
    for text in ["ann smiles", "ANN!", "It is Ann's.", "Ann이", "Ann가", "with Ann."] {
        assert_eq!(found(text), ["Ann"], "{text}");
    }
    assert_eq!((found("Anna"), found("Joann"), found("channel")), (vec![], vec![], vec![]));
}

#[test]
fn spaces_and_unicode_forms_make_no_difference() {
    assert_eq!(found("김  도윤은"), ["김 도윤"]);
    let taken_apart = "\u{1106}\u{1175}\u{11ab}\u{1109}\u{116e}가";
    assert_ne!(taken_apart, "민수가");
    assert_eq!(found(taken_apart), ["민수"]);
}

#[test]
fn a_text_of_nothing_but_endings_is_read_in_no_time() {
    let long = format!("민수{}x", "이랑".repeat(5_000));
    assert_eq!(found(&long), [""; 0]);
}

/// A sentence of `tests/names/corpus.tsv`, with the names that are known and those of them that it speaks of. Its set says
/// when it was written: the first rules were written after `tuned` ones, and `held-out` ones were set aside before that. Each
/// `blind` set was written and scored before the rules were changed for it.
struct Sentence {
    set: &'static str,
    names: Vec<&'static str>,
    text: String,
    mentioned: BTreeSet<&'static str>,
}

fn corpus() -> Vec<Sentence> {
    let list = |names: &'static str| names.split(',').filter(|name| !name.is_empty());
    let lines = include_str!("../../tests/names/corpus.tsv").lines().skip(1);
    let sentences = lines.map(|line| {
        let [set, names, text, mentioned] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        Sentence {
            set,
            names: list(names).collect(),
            text: text.replace("\\n", "\n"),
            mentioned: list(mentioned).collect(),
        }
    });
    sentences.collect()
}

/// How many names were found rightly, found wrongly, and missed.
#[derive(Debug, Default)]
struct Score {
    right: u32,
    wrong: u32,
    missed: u32,
}

impl Score {
    fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from(self.right + self.wrong)
    }

    fn recall(&self) -> f64 {
        f64::from(self.right) / f64::from(self.right + self.missed)
    }
}

#[test]
fn names_are_found_in_the_corpus_with_precision_and_recall_of_98_percent() {
    let (mut all, mut scores, mut faults) = (Score::default(), BTreeMap::<_, Score>::new(), Vec::new());
    let corpus = corpus();
    assert!(corpus.len() >= 500, "{}", corpus.len());
    for sentence in &corpus {
        let found: BTreeSet<_> = mentioned(&sentence.text, sentence.names.iter().copied()).into_iter().collect();
        let count = |names: std::collections::btree_set::Difference<'_, &str>| u32::try_from(names.count()).unwrap();
        for score in [&mut all, scores.entry(sentence.set).or_default()] {
            score.right += u32::try_from(found.intersection(&sentence.mentioned).count()).unwrap();
            score.wrong += count(found.difference(&sentence.mentioned));
            score.missed += count(sentence.mentioned.difference(&found));
        }
        if found != sentence.mentioned {
            faults.push(format!("{}: {} | {:?}, not {:?}", sentence.set, sentence.text, found, sentence.mentioned));
        }
    }
    let told =
        |set, score: &Score| format!("{set}: {:.3} precise, {:.3} found, {score:?}", score.precision(), score.recall());
    let told: Vec<String> = scores.iter().chain([(&"all", &all)]).map(|(set, score)| told(*set, score)).collect();
    println!("{}\n{}", told.join("\n"), faults.join("\n"));
    assert!(all.precision() >= 0.98 && all.recall() >= 0.98, "{}", told.join("\n"));
}
