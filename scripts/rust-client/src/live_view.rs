use std::sync::{Arc, Mutex};

use eyeball_im::{Vector, VectorDiff};

/// A list that a stream of differences keeps up to date, as a user interface shows it.
#[derive(Clone)]
pub struct LiveView<T: Clone>(Arc<Mutex<Vector<T>>>);

impl<T: Clone> LiveView<T> {
    pub fn new(initial: Vector<T>) -> Self {
        Self(Arc::new(Mutex::new(initial)))
    }

    pub fn apply(&self, diffs: Vec<VectorDiff<T>>) {
        let mut items = self.0.lock().expect("never poisoned");
        for diff in diffs {
            diff.apply(&mut items);
        }
    }

    pub fn items(&self) -> Vec<T> {
        self.0.lock().expect("never poisoned").iter().cloned().collect()
    }
}
