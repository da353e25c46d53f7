//! Serves the simulator until it is interrupted:
//! `cargo run -p erp-simulator --example serve -- 127.0.0.1:8710`.

use std::error::Error;
use std::net::SocketAddr;

use erp_simulator::Simulator;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listen = std::env::args().nth(1);
    let listen: SocketAddr = listen.as_deref().unwrap_or("127.0.0.1:8710").parse()?;
    let stop = CancellationToken::new();
    let simulator = Simulator::start(listen, stop.clone()).await?;
    println!("{}", simulator.base_url());
    tokio::signal::ctrl_c().await?;
    stop.cancel();
    Ok(())
}
