//! Serves the simulator until it is interrupted:
//! `cargo run -p psp-simulator --example serve -- 127.0.0.1:8700 [times faster]`.

use std::error::Error;
use std::net::SocketAddr;

use psp_simulator::{Settings, Simulator};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let listen: SocketAddr = words.next().as_deref().unwrap_or("127.0.0.1:8700").parse()?;
    let mut settings = Settings::new(listen);
    if let Some(hasten) = words.next() {
        settings.hasten = hasten.parse()?;
    }
    let stop = CancellationToken::new();
    let simulator = Simulator::start_with(settings, stop.clone()).await?;
    println!("{}", simulator.base_url());
    tokio::signal::ctrl_c().await?;
    stop.cancel();
    Ok(())
}
