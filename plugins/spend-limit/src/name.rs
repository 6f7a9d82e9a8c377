//! What the name of an argument says: whether it holds money.

/// What an argument holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// An amount.
    Amount,
    /// How often an amount counts.
    Times,
    /// A currency.
    Currency,
    /// What stands beside amounts and is none: an id, an account, a day.
    Neutral,
    /// Anything else.
    Other,
}

fn is_amount_word(word: &str) -> bool {
    matches!(
        word,
        "amount"
            | "amounts"
            | "amt"
            | "total"
            | "totals"
            | "subtotal"
            | "sum"
            | "price"
            | "prices"
            | "cost"
            | "costs"
            | "fee"
            | "fees"
            | "tip"
            | "tips"
            | "gratuity"
            | "surcharge"
            | "payment"
            | "payout"
            | "cents"
            | "pence"
            | "spend"
            | "debit"
            | "credit"
            | "value"
            | "values"
            | "betrag"
            | "summe"
            | "preis"
            | "montant"
            | "importe"
            | "valor"
    )
}

/// They come behind an amount and leave it one: `amount_due`, `priceOverride`.
fn is_kind(word: &str) -> bool {
    matches!(
        word,
        "due"
            | "minor"
            | "major"
            | "cents"
            | "units"
            | "paid"
            | "net"
            | "gross"
            | "override"
            | "new"
            | "raw"
            | "final"
            | "max"
            | "decimal"
            | "usd"
            | "eur"
            | "gbp"
            | "in"
            | "string"
            | "text"
            | "to"
            | "pay"
    )
}

fn is_times(word: &str) -> bool {
    matches!(
        word,
        "quantity"
            | "quantities"
            | "qty"
            | "repeat"
            | "repeats"
            | "repetitions"
            | "times"
            | "installments"
            | "instalments"
            | "multiplier"
            | "copies"
            | "count"
    )
}

fn is_currency(word: &str) -> bool {
    matches!(
        word,
        "currency" | "currencies" | "ccy" | "valuta" | "waehrung"
    )
}

/// They are none, also within an amount: `payment.reference`.
fn is_neutral(word: &str) -> bool {
    matches!(
        word,
        "id" | "ids"
            | "reference"
            | "ref"
            | "number"
            | "no"
            | "nr"
            | "account"
            | "iban"
            | "bic"
            | "date"
            | "day"
            | "time"
            | "month"
            | "year"
            | "type"
            | "kind"
            | "method"
            | "code"
            | "name"
            | "note"
            | "description"
            | "memo"
            | "message"
            | "key"
            | "status"
    )
}

/// Endings of names that are written without a break.
const ENDINGS: &[&str] = &["amount", "price", "total"];

/// What the name says.
pub(crate) fn meaning(name: &str) -> Meaning {
    let words = words(name);
    let Some(last) = words.last() else {
        return Meaning::Other;
    };
    let before_code = matches!(last.as_str(), "code" | "id" | "iso" | "symbol");
    let named = match before_code {
        true => words.iter().rev().nth(1),
        false => Some(last),
    };
    if named.is_some_and(|word| is_currency(word)) {
        return Meaning::Currency;
    }
    let is_amount =
        |word: &String| is_amount_word(word) || ENDINGS.iter().any(|ending| word.ends_with(ending));
    let kind_behind = is_kind(last) && words.iter().any(is_amount);
    if is_amount(last) || kind_behind {
        return Meaning::Amount;
    }
    if is_times(last) {
        return Meaning::Times;
    }
    match is_neutral(last) {
        true => Meaning::Neutral,
        false => Meaning::Other,
    }
}

/// A name in which case and what joins its words do not count.
pub(crate) fn folded(name: &str) -> String {
    if name.is_ascii() {
        let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
        return letters
            .map(|letter| char::from(letter.to_ascii_lowercase()))
            .collect();
    }
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The words of a name in small letters, however they are joined; digits say nothing.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_alphabetic() {
            let small_follows = letters.peek().is_some_and(|next| next.is_lowercase());
            let begins = !before.is_alphabetic()
                || (letter.is_uppercase()
                    && (before.is_lowercase() || (before.is_uppercase() && small_follows)));
            if begins {
                words.push(String::new());
            }
            match words.last_mut() {
                Some(word) if letter.is_ascii() => word.push(letter.to_ascii_lowercase()),
                Some(word) => word.extend(letter.to_lowercase()),
                None => {}
            }
        }
        before = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_holds_money() {
        for name in [
            "amount",
            "Amount",
            "AMOUNT",
            "amount2",
            "amount_override",
            "amountOverride",
            "total",
            "total_amount",
            "unitPrice",
            "unit-price",
            "totalamount",
            "amount_cents",
            "amountInCents",
            "value",
            "fee",
            "TotalDue",
            "amount_to_pay",
            "amount.value",
        ] {
            assert_eq!(meaning(name), Meaning::Amount, "{name}");
        }
        for name in ["quantity", "qty", "Repeat"] {
            assert_eq!(meaning(name), Meaning::Times, "{name}");
        }
        for name in ["currency", "currency_code", "currencyCode", "CCY"] {
            assert_eq!(meaning(name), Meaning::Currency, "{name}");
        }
        for name in [
            "price_id",
            "id",
            "reference",
            "due_date",
            "amount_type",
            "payment_reference",
        ] {
            assert_eq!(meaning(name), Meaning::Neutral, "{name}");
        }
        for name in [
            "coffee",
            "to",
            "",
            "9",
            "cost_center",
            "fee_bearer",
            "exchange_rate",
        ] {
            assert_eq!(meaning(name), Meaning::Other, "{name}");
        }
    }
}
