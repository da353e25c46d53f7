//! The file of contracts is as docs/operating.md has it.

use erp::{ContractFile, Contracts, System};
use kernel::outbound::{Outbound, Reach};

#[test]
fn the_example_of_contracts_can_be_read() {
    let text = include_str!("../../../docs/operating.md");
    let (_, rest) = text.split_once("the_example_of_contracts_can_be_read -->").unwrap();
    let (_, rest) = rest.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();

    let file: ContractFile = toml::from_str(example).unwrap();

    let systems: Vec<_> = file.contracts.iter().map(|it| it.contract.system()).collect();
    assert_eq!(systems, [System::Kingdee, System::Yonyou]);
    let outbound = Outbound::new(Reach::Public, None).unwrap();
    let contracts = Contracts::of(file, &outbound).unwrap();
    assert_eq!(contracts.client("drinks").unwrap().system(), System::Kingdee);
    assert!(contracts.client("nobody").is_none());
}
