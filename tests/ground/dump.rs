//! Everything a store holds, in a form that can be compared.

use std::collections::{BTreeMap, BTreeSet};

use switchboard::core::event::{self, read_sealed};
use switchboard::domain::audit::Payload;
use switchboard::store::{Index, Key, Order, PageQuery, Reader, Store, Table, event_key};

/// Rows and index entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dump {
    pub rows: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
    pub entries: BTreeSet<(Index, Vec<u8>)>,
}

impl Dump {
    /// All there is.
    pub fn all(store: &dyn Store) -> Dump {
        let reader = store.reader().unwrap();
        let mut rows = BTreeMap::new();
        for table in Table::ALL {
            reader
                .scan(table, &[], &mut |key, value| drop(rows.insert((table, key.to_vec()), value.to_vec())))
                .unwrap();
        }
        let entries = Index::ALL.into_iter().flat_map(|i| entries(&*reader, i).into_iter().map(move |e| (i, e)));
        Dump { rows, entries: entries.collect() }
    }

    /// Without what lanes number for themselves: that differs with their count.
    pub fn shared(store: &dyn Store) -> Dump {
        let mut dump = Dump::all(store);
        dump.rows.retain(|(table, _), _| !matches!(table, Table::Lanes | Table::Events | Table::Payloads));
        dump.entries.retain(|(index, _)| *index != Index::Audit);
        dump
    }

    /// What differs, in words.
    pub fn difference(&self, other: &Dump) -> String {
        let mut out = String::new();
        for key in self.rows.keys().chain(other.rows.keys()).collect::<BTreeSet<_>>() {
            let (a, b) = (self.rows.get(key), other.rows.get(key));
            if a != b {
                let show = |v: Option<&Vec<u8>>| v.map(|v| String::from_utf8_lossy(v).into_owned());
                out += &format!("{:?} {:?}\n  {:?}\n  {:?}\n", key.0, key.1, show(a), show(b));
            }
        }
        for entry in self.entries.symmetric_difference(&other.entries) {
            out += &format!(
                "{entry:?} only in {}\n",
                if self.entries.contains(entry) { "the first" } else { "the second" }
            );
        }
        out
    }
}

/// All entries of an index.
pub fn entries(reader: &dyn Reader, index: Index) -> Vec<Vec<u8>> {
    reader.page(&PageQuery { index, prefix: &[], after: None, order: Order::Rising, limit: usize::MAX }).unwrap()
}

/// What was said about each business, in order: the events and, of audited ones, what was sealed.
pub fn said(store: &dyn Store) -> BTreeMap<u64, Vec<String>> {
    let reader = store.reader().unwrap();
    let mut out: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for lane in 0..store.lanes() {
        for (number, raw) in reader.events(lane, 0, usize::MAX).unwrap() {
            let e = event::read(&raw).unwrap();
            let mut text = format!("{} {:?} {:?} {:?} {:?}", e.kind, e.at, e.actor, e.conversation, e.message);
            if read_sealed(&raw).unwrap().is_some() {
                let key = Key::new(Table::Payloads, &[&event_key(lane, number)]);
                let payload = reader.get(&key).unwrap().unwrap();
                text += &serde_json::from_slice::<Payload>(&payload[1..]).unwrap().text;
            }
            out.entry(e.business.map_or(0, |b| b.0)).or_default().push(text);
        }
    }
    out
}
