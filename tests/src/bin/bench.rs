//! Measures how fast updates are, prints the table and writes it where it is told to. `cargo xtask bench` runs it. Refuses
//! to be content with a goal that was missed.

use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs};

use rackflash_tests::speed::Table;

fn main() -> ExitCode {
    let start = Instant::now();
    let table = Table::measure();
    print!("{table}");
    println!("\nmeasured in {:.1} s of real time", start.elapsed().as_secs_f64());
    if let Some(file) = env::args_os().nth(1)
        && let Err(error) = fs::write(&file, format!("{:#}\n", table.json()))
    {
        eprintln!("error: could not write {}: {error}", file.display());
        return ExitCode::FAILURE;
    }
    let missed = table.missed();
    if missed.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprint!("\nerror: goals were missed:\n{missed}");
    ExitCode::FAILURE
}
