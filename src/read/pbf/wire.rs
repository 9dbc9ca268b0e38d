//! Protocol buffers: the fields of a message one by one, nothing copied.
//!
//! Only what the PBF of OpenStreetMap needs: whole numbers, and stretches of bytes that are texts,
//! messages or lists of numbers. What does not follow the format is [`Broken`], never a panic.

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken(pub(super) &'static str);

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A whole number.
    Number(u64),
    /// A text, a message, or a list of numbers.
    Bytes(&'a [u8]),
}

/// A message, as far as it is not read yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a>(pub(super) &'a [u8]);

impl<'a> Message<'a> {
    /// The next field, its number and value; `None` behind the last.
    pub(super) fn field(&mut self) -> Result<Option<(u64, Value<'a>)>, Broken> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = number(&mut self.0)?;
        let value = match key & 7 {
            0 => Value::Number(number(&mut self.0)?),
            1 => Value::Bytes(self.take(8)?),
            2 => {
                let length = number(&mut self.0)?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Bytes(self.take(4)?),
            _ => return Err(Broken("a field of no known kind")),
        };
        Ok(Some((key >> 3, value)))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Broken> {
        let split = usize::try_from(length).ok().and_then(|length| self.0.split_at_checked(length));
        let (taken, rest) = split.ok_or(Broken("a field that runs on beyond its message"))?;
        self.0 = rest;
        Ok(taken)
    }
}

impl<'a> Value<'a> {
    /// The number of a field that holds one.
    pub(super) const fn number(self) -> Result<u64, Broken> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Bytes(_) => Err(Broken("bytes where a number is wanted")),
        }
    }

    /// The bytes of a field that holds some.
    pub(super) const fn bytes(self) -> Result<&'a [u8], Broken> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Number(_) => Err(Broken("a number where bytes are wanted")),
        }
    }
}

/// The numbers of a list of a message, one by one, none of them kept. A list may come in pieces, and each
/// number by itself.
#[derive(Debug, Clone)]
pub(super) struct Numbers<'a> {
    message: Message<'a>,
    field: u64,
    /// What is left of a piece.
    rest: &'a [u8],
}

impl<'a> Numbers<'a> {
    /// The list that is a field of a message.
    pub(super) const fn of(message: &'a [u8], field: u64) -> Self {
        Self { message: Message(message), field, rest: &[] }
    }

    /// The next number, if there is one.
    fn following(&mut self) -> Result<Option<u64>, Broken> {
        loop {
            if !self.rest.is_empty() {
                return number(&mut self.rest).map(Some);
            }
            match self.message.field()? {
                None => return Ok(None),
                Some((field, Value::Number(number))) if field == self.field => {
                    return Ok(Some(number));
                }
                Some((field, Value::Bytes(bytes))) if field == self.field => self.rest = bytes,
                Some(_) => {}
            }
        }
    }

    /// Numbers that are each given by what they differ from the one before.
    pub(super) fn running(self) -> impl Iterator<Item = Result<i64, Broken>> + use<'a> {
        let mut sum = 0_i64;
        self.map(move |difference| {
            sum = sum.wrapping_add(signed(difference?));
            Ok(sum)
        })
    }
}

impl Iterator for Numbers<'_> {
    type Item = Result<u64, Broken>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let following = self.following();
        if following.is_err() {
            (self.message, self.rest) = (Message(&[]), &[]);
        }
        following.transpose()
    }
}

/// A number of seven bits a byte, the lowest first.
#[inline]
fn number(bytes: &mut &[u8]) -> Result<u64, Broken> {
    let mut number = 0;
    for (place, &byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            *bytes = bytes.get(place + 1..).unwrap_or_default();
            return Ok(number);
        }
    }
    Err(Broken("a number without an end"))
}

/// A number whose lowest bit is its sign.
pub(super) const fn signed(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}
