//! The words of a plain query.

/// What a word without quotes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// A name, as far as this reading goes.
    Name,
    All,
    And,
    As,
    Asc,
    Between,
    By,
    Case,
    Cast,
    Cross,
    Current,
    /// `CURRENT_DATE` and the like: a call without parentheses.
    CurrentTime,
    Date,
    Desc,
    Distinct,
    Else,
    End,
    Except,
    Exists,
    Extract,
    False,
    Filter,
    First,
    Following,
    From,
    Full,
    Group,
    Having,
    Ilike,
    In,
    Inner,
    Intersect,
    Interval,
    Is,
    Join,
    Last,
    Left,
    Like,
    Limit,
    Not,
    Null,
    Nulls,
    Offset,
    On,
    Or,
    Order,
    Outer,
    Over,
    Partition,
    Preceding,
    Range,
    Right,
    Row,
    Rows,
    Select,
    Then,
    Time,
    Timestamp,
    Top,
    True,
    Unbounded,
    Union,
    Using,
    When,
    Where,
    With,
}

/// The longest word that is more than a name.
const WORD_MAX: usize = 20;

/// Words that are more than names; without a meaning where some database begins a clause,
/// an operator or a statement with it, or calls it without parentheses.
const WORDS: [(&[u8], Option<Known>); 182] = [
    (b"all", Some(Known::All)),
    (b"alter", None),
    (b"analyse", None),
    (b"analyze", None),
    (b"and", Some(Known::And)),
    (b"anti", None),
    (b"any", None),
    (b"apply", None),
    (b"array", None),
    (b"as", Some(Known::As)),
    (b"asc", Some(Known::Asc)),
    (b"asof", None),
    (b"attach", None),
    (b"backup", None),
    (b"begin", None),
    (b"between", Some(Known::Between)),
    (b"binary", None),
    (b"bulk", None),
    (b"by", Some(Known::By)),
    (b"call", None),
    (b"case", Some(Known::Case)),
    (b"cast", Some(Known::Cast)),
    (b"checkpoint", None),
    (b"collate", None),
    (b"commit", None),
    (b"connect", None),
    (b"connect_by_root", None),
    (b"copy", None),
    (b"create", None),
    (b"cross", Some(Known::Cross)),
    (b"cube", None),
    (b"current", Some(Known::Current)),
    (b"current_date", Some(Known::CurrentTime)),
    (b"current_time", Some(Known::CurrentTime)),
    (b"current_timestamp", Some(Known::CurrentTime)),
    (b"currval", None),
    (b"date", Some(Known::Date)),
    (b"dbcc", None),
    (b"deallocate", None),
    (b"declare", None),
    (b"default", None),
    (b"delete", None),
    (b"deny", None),
    (b"desc", Some(Known::Desc)),
    (b"describe", None),
    (b"detach", None),
    (b"distinct", Some(Known::Distinct)),
    (b"div", None),
    (b"drop", None),
    (b"else", Some(Known::Else)),
    (b"end", Some(Known::End)),
    (b"escape", None),
    (b"except", Some(Known::Except)),
    (b"exec", None),
    (b"execute", None),
    (b"exists", Some(Known::Exists)),
    (b"explain", None),
    (b"export", None),
    (b"extract", Some(Known::Extract)),
    (b"false", Some(Known::False)),
    (b"fetch", None),
    (b"filter", Some(Known::Filter)),
    (b"final", None),
    (b"first", Some(Known::First)),
    (b"flush", None),
    (b"following", Some(Known::Following)),
    (b"for", None),
    (b"force", None),
    (b"from", Some(Known::From)),
    (b"full", Some(Known::Full)),
    (b"glob", None),
    (b"global", None),
    (b"goto", None),
    (b"grant", None),
    (b"group", Some(Known::Group)),
    (b"grouping", None),
    (b"handler", None),
    (b"having", Some(Known::Having)),
    (b"ilike", Some(Known::Ilike)),
    (b"import", None),
    (b"in", Some(Known::In)),
    (b"indexed", None),
    (b"inner", Some(Known::Inner)),
    (b"insert", None),
    (b"install", None),
    (b"intersect", Some(Known::Intersect)),
    (b"interval", Some(Known::Interval)),
    (b"into", None),
    (b"is", Some(Known::Is)),
    (b"isnull", None),
    (b"join", Some(Known::Join)),
    (b"kill", None),
    (b"last", Some(Known::Last)),
    (b"lastval", None),
    (b"lateral", None),
    (b"left", Some(Known::Left)),
    (b"like", Some(Known::Like)),
    (b"limit", Some(Known::Limit)),
    (b"lock", None),
    (b"match_recognize", None),
    (b"merge", None),
    (b"minus", None),
    (b"natural", None),
    (b"nextval", None),
    (b"not", Some(Known::Not)),
    (b"notnull", None),
    (b"null", Some(Known::Null)),
    (b"nulls", Some(Known::Nulls)),
    (b"offset", Some(Known::Offset)),
    (b"on", Some(Known::On)),
    (b"only", None),
    (b"or", Some(Known::Or)),
    (b"order", Some(Known::Order)),
    (b"outer", Some(Known::Outer)),
    (b"over", Some(Known::Over)),
    (b"overlaps", None),
    (b"partition", Some(Known::Partition)),
    (b"pivot", None),
    (b"positional", None),
    (b"pragma", None),
    (b"preceding", Some(Known::Preceding)),
    (b"prepare", None),
    (b"prewhere", None),
    (b"prior", None),
    (b"procedure", None),
    (b"qualify", None),
    (b"raiserror", None),
    (b"range", Some(Known::Range)),
    (b"reconfigure", None),
    (b"regexp", None),
    (b"rename", None),
    (b"repair", None),
    (b"reset", None),
    (b"restore", None),
    (b"returning", None),
    (b"revert", None),
    (b"revoke", None),
    (b"right", Some(Known::Right)),
    (b"rlike", None),
    (b"rollback", None),
    (b"rollup", None),
    (b"row", Some(Known::Row)),
    (b"rows", Some(Known::Rows)),
    (b"savepoint", None),
    (b"select", Some(Known::Select)),
    (b"semi", None),
    (b"set", None),
    (b"setuser", None),
    (b"shutdown", None),
    (b"similar", None),
    (b"some", None),
    (b"sounds", None),
    (b"straight_join", None),
    (b"struct", None),
    (b"summarize", None),
    (b"table", None),
    (b"tablesample", None),
    (b"then", Some(Known::Then)),
    (b"throw", None),
    (b"time", Some(Known::Time)),
    (b"timestamp", Some(Known::Timestamp)),
    (b"top", Some(Known::Top)),
    (b"true", Some(Known::True)),
    (b"truncate", None),
    (b"unbounded", Some(Known::Unbounded)),
    (b"union", Some(Known::Union)),
    (b"unlock", None),
    (b"unnest", None),
    (b"unpivot", None),
    (b"update", None),
    (b"user", None),
    (b"using", Some(Known::Using)),
    (b"vacuum", None),
    (b"values", None),
    (b"waitfor", None),
    (b"when", Some(Known::When)),
    (b"where", Some(Known::Where)),
    (b"while", None),
    (b"window", None),
    (b"with", Some(Known::With)),
    (b"within", None),
    (b"xor", None),
];

/// Places of the table of words: a power of two, four times as many as there are words.
const PLACES: usize = 1024;

/// Nothing stands at a place.
const NO_WORD: u16 = u16::MAX;

/// The words by their hash: where two have the same, the second stands behind the first.
static TABLE: [u16; PLACES] = table();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated when it is compiled: a wrong index does not compile"
)]
const fn table() -> [u16; PLACES] {
    let mut table = [NO_WORD; PLACES];
    let mut word = 0;
    while word < WORDS.len() {
        let mut place = hash(WORDS[word].0) % PLACES;
        while table[place] != NO_WORD {
            place = (place + 1) % PLACES;
        }
        table[place] = word as u16;
        word += 1;
    }
    table
}

const fn hash(mut word: &[u8]) -> usize {
    let mut hash = HASH_BEGIN;
    while let [first, rest @ ..] = word {
        hash = hashed(hash, *first);
        word = rest;
    }
    place_of(hash)
}

/// FNV-1a.
const HASH_BEGIN: u32 = 0x811c_9dc5;

const fn hashed(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

const fn place_of(hash: u32) -> usize {
    (hash ^ (hash >> 15)) as usize
}

/// What a word is; none where it may be none of a plain query.
impl Known {
    pub(super) fn of(word: &[u8]) -> Option<Self> {
        let mut lower = [0; WORD_MAX];
        let Some(room) = lower.get_mut(..word.len()) else {
            return is_name(word).then_some(Self::Name);
        };
        // In one go with their hash.
        let mut hash = HASH_BEGIN;
        for (to, from) in room.iter_mut().zip(word) {
            *to = from.to_ascii_lowercase();
            hash = hashed(hash, *to);
        }
        let word = &*room;
        let mut place = place_of(hash);
        loop {
            let number = TABLE.get(place % PLACES).copied().unwrap_or(NO_WORD);
            match WORDS.get(usize::from(number)) {
                Some((known, meaning)) if *known == word => return *meaning,
                Some(_) => place = place.wrapping_add(1),
                None => return is_name(word).then_some(Self::Name),
            }
        }
    }

    /// Whether it may name a column, where it stands in the place of one.
    pub(super) fn is_name(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Date
                | Self::Filter
                | Self::First
                | Self::Last
                | Self::Time
                | Self::Timestamp
        )
    }
}

/// `CURRENT_USER`, `SESSION_USER`, `sysdate` and the like are called without parentheses,
/// `dbms_x.f` too.
fn is_name(word: &[u8]) -> bool {
    const CALLED: [&[u8]; 9] = [
        b"current_",
        b"session_",
        b"system_",
        b"local",
        b"utc_",
        b"sys",
        b"dbms_",
        b"utl_",
        b"pragma_",
    ];
    // Most words end here.
    let may_be = matches!(
        word,
        [
            b'c' | b'C' | b's' | b'S' | b'l' | b'L' | b'u' | b'U' | b'd' | b'D' | b'p' | b'P',
            ..
        ]
    );
    !may_be
        || !CALLED.iter().any(|beginning| {
            word.get(..beginning.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(beginning))
        })
}
