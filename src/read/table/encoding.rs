//! The text of a table, whatever it was written in.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// So many bytes are looked at to tell a legacy encoding.
const SAMPLE: usize = 1 << 20;

/// With fewer bytes beyond ASCII nothing but the most common of the legacy encodings is believed.
const FEW: usize = 4;

/// A text as UTF-8 without a byte order mark, and what is to be said of how it was read.
pub(in crate::read) fn decoded(mut bytes: Vec<u8>) -> (Vec<u8>, Option<String>) {
    let marked = Encoding::for_bom(&bytes);
    let mark = marked.map_or(0, |(_, mark)| mark);
    let body = bytes.get(mark..).unwrap_or_default();
    let (encoding, is_known) = match marked {
        Some((encoding, _)) if encoding != UTF_8 => (encoding, true),
        _ => match std::str::from_utf8(body) {
            Ok(_) => {
                bytes.drain(..mark);
                return (bytes, None);
            }
            Err(_) if marked.is_some() => (UTF_8, true),
            Err(fault) => (guess(body.get(fault.valid_up_to()..).unwrap_or_default()), false),
        },
    };
    let (text, is_faulty) = encoding.decode_without_bom_handling(body);
    let name = encoding.name();
    let remark = match (is_known, is_faulty) {
        (true, false) => None,
        (true, true) => Some(format!("it is not whole {name}; what cannot be read is shown as �")),
        (false, _) => {
            Some(format!("it is not UTF-8; read as {name}; if names look wrong, save it as UTF-8"))
        }
    };
    (text.into_owned().into_bytes(), remark)
}

/// The legacy encoding of a text, going by its first bytes beyond ASCII.
pub(in crate::read) fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    if sample.iter().filter(|byte| !byte.is_ascii()).take(FEW).count() < FEW {
        return WINDOWS_1252;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, sample.len() == bytes.len());
    detector.guess(None, Utf8Detection::Deny)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{
        GBK, ISO_8859_2, KOI8_U, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1254,
    };

    /// The text read again, and its remark.
    fn read(bytes: Vec<u8>) -> (String, Option<String>) {
        let (bytes, remark) = decoded(bytes);
        (String::from_utf8(bytes).unwrap(), remark)
    }

    #[test]
    fn unicode_is_read_in_every_form_without_a_remark() {
        let text = "id,name\n1,Landspítali 東京\n";
        let wide = |swap: bool, mark: bool| -> Vec<u8> {
            let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
            units
                .flat_map(|unit| if swap { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect()
        };
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [text.into(), marked, wide(false, true), wide(true, true)] {
            assert_eq!(read(bytes), (text.to_string(), None));
        }
    }

    #[test]
    fn legacy_encodings_are_told_apart_and_remarked() {
        for (encoding, text) in [
            (WINDOWS_1252, "1,Landspítali\n"),
            (WINDOWS_1252, "1,Hôpital Saint-Étienne\n2,École élémentaire Jean-Zay à Orléans\n"),
            (WINDOWS_1252, "1,Städtisches Krankenhaus Köln\n2,Grundschule Süd, Straße 5\n"),
            (WINDOWS_1252, "1,Sjúkrahúsið á Akureyri\n2,Þórshöfn\n3,Ísafjörður\n4,Breiðholt\n"),
            (WINDOWS_1252, "1,Clínica Núñez\n2,Colegio María Inmaculada de Logroño\n"),
            (WINDOWS_1251, "1,Больница\n2,Школа № 5\n"),
            (WINDOWS_1251, "1,Лікарня швидкої допомоги\n2,Дитячий садок\n"),
            (WINDOWS_1250, "1,Szpital Powiatowy w Łęcznej\n2,Szkoła Podstawowa w Żywcu, źródło\n"),
            (ISO_8859_2, "1,Nemocnice Třebíč\n2,Základní škola Žďár nad Sázavou\n3,Štěpánov\n"),
            (WINDOWS_1254, "1,Şişli Hastanesi\n2,Beşiktaş İlkokulu\n3,Çağrı Ortaokulu, Iğdır\n"),
            (SHIFT_JIS, "1,東京都立病院\n2,小学校\n"),
            (GBK, "1,北京大学第一医院\n2,实验小学\n"),
            (KOI8_U, "1,Городская больница\n2,Средняя школа\n"),
        ] {
            let (bytes, _, lost) = encoding.encode(text);
            assert!(!lost, "{text}");
            let (found, remark) = read(bytes.into_owned());
            assert_eq!(found, text, "{remark:?}");
            assert!(remark.unwrap().starts_with("it is not UTF-8; read as "), "{text}");
        }
    }

    #[test]
    fn what_is_marked_as_unicode_and_is_cut_says_so() {
        let (text, remark) = read(b"\xff\xfei\0d\0\n\0x".to_vec());
        assert_eq!(text, "id\n\u{fffd}");
        assert_eq!(remark.unwrap(), "it is not whole UTF-16LE; what cannot be read is shown as �");
    }
}
