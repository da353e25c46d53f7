//! Given / when / then for rules. No servers, no clock: a test is a sentence of the business.

use std::fmt::Debug;

use crate::decider::Decider;

/// Facts that have happened before the test.
pub fn given<D: Decider>(facts: impl IntoIterator<Item = D::Event>) -> Given<D> {
    let mut state = D::default();
    facts.into_iter().for_each(|fact| state.evolve(stored_and_read_back(&fact)));
    Given(state)
}

/// Nothing has happened before.
pub fn given_nothing<D: Decider>() -> Given<D> {
    given([])
}

/// A state of the world.
pub struct Given<D: Decider>(D);

impl<D: Decider> Given<D> {
    /// Asks the decider.
    pub fn when(self, command: D::Command) -> Decided<D> {
        let decision = self.0.decide(command);
        Decided { state: self.0, decision }
    }

    /// The state itself, for rules that are questions.
    pub fn state(self) -> D {
        self.0
    }
}

/// What the decider answered.
pub struct Decided<D: Decider> {
    state: D,
    decision: Result<Vec<D::Event>, D::Refusal>,
}

impl<D: Decider> Decided<D> {
    /// Exactly these facts followed.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = D::Event>) -> D {
        let expected: Vec<_> = expected.into_iter().collect();
        match self.decision {
            Ok(facts) => assert_eq!(facts, expected),
            Err(refusal) => panic!("refused: {refusal}"),
        }
        let mut state = self.state;
        expected.iter().for_each(|fact| state.evolve(stored_and_read_back(fact)));
        state
    }

    /// The command was accepted and changed nothing.
    #[track_caller]
    pub fn then_nothing(self) {
        self.then([]);
    }

    /// The command was refused for exactly this reason.
    #[track_caller]
    pub fn then_refused(self, expected: D::Refusal)
    where
        D::Refusal: Debug,
    {
        match self.decision {
            Err(refusal) => assert_eq!(refusal, expected),
            Ok(facts) => panic!("accepted: {facts:?}"),
        }
    }
}

/// Each fact goes through its stored form, so every rule test also tests the event's JSON.
fn stored_and_read_back<E: crate::event::DomainEvent>(fact: &E) -> E {
    let json = serde_json::to_string(fact).expect("an event serialises");
    serde_json::from_str(&json).expect("an event reads back")
}
