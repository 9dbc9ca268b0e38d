//! The program `civex`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
