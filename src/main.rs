//! The program. Everything is in the library, so that tests can reach it.

/// A message in and out is many small allocations on several threads; this took a fifth off the CPU of ingest.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    switchboard::cli::main()
}
