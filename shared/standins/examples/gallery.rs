use toonmill_lettering::contact_sheet::{Cell, Sheet, Stage, compose, thumbnail};
use toonmill_standins::sketch::{Brief, draw, png};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (dir, n, w, h) = (&a[1], a[2].parse::<u64>().unwrap(), a[3].parse().unwrap(), a[4].parse().unwrap());
    let prompt = a[5].clone();
    let refs: Vec<_> = a.get(6).map(|f| image::open(f).unwrap().thumbnail(320, 320).into_rgba8()).into_iter().collect();
    let (mut td, mut te, mut bytes) = (0.0, 0.0, 0);
    let mut cells = vec![];
    for i in 1..=n {
        let b = Brief {
            seed: i * 7919 + 13,
            prompt: prompt.clone(),
            number: i,
            width_px: w,
            height_px: h,
            references: refs.clone(),
        };
        let t = std::time::Instant::now();
        let d = draw(&b);
        td += t.elapsed().as_secs_f64();
        let t = std::time::Instant::now();
        let p = png(&d);
        te += t.elapsed().as_secs_f64();
        bytes += p.len();
        cells.push(Cell { label: format!("{i:02}"), picture: Some(thumbnail(&p, 700).unwrap()), badge: (i % 5 == 2).then(|| "try 2".into()) });
        std::fs::write(format!("{dir}/{i:02}.png"), p).unwrap();
    }
    println!(
        "draw {:.1} ms, png {:.1} ms, {} kB each",
        td * 1e3 / n as f64,
        te * 1e3 / n as f64,
        bytes / 1000 / n as usize
    );
    let cols = std::env::var("COLS").map_or(3, |c| c.parse().unwrap());
    let st = Stage { heading: "Stage 1 · 게이트".into(), count: format!("{n} / {n}"), caption: a[5].clone(), cells };
    let mut sheet = Sheet { columns: cols, stages: vec![], footer: "150 of 150 images · 4 tried again · 2 rounds · 300 credits held, 300 captured, 0 released".into(), subtitle: "job 0199a7c2-6c1e-7d1b-9e0b-3f6f0d1c2b3a · gemini-3-pro-image · 2026-11-20".into(), ..Sheet::new("Pipeline 150") };
    for _ in 0..std::env::var("STAGES").map_or(1, |c| c.parse().unwrap()) { sheet.stages.push(st.clone()); }
    let t = std::time::Instant::now();
    let png = compose(&sheet).unwrap();
    println!("sheet {} kB {:?}", png.len() / 1000, t.elapsed());
    std::fs::write(format!("{dir}/sheet.png"), png).unwrap();
}
