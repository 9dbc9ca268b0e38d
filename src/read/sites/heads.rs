//! Heads of columns that tell a site's name and numbers of people, as tools of the field and people write them.
//!
//! A head is taken apart into words. It tells a name or a number if one of its words does and every other word only
//! says of what (*facility*, *health*), or that it counts (*number of*, *total*). A word that nobody knows may change
//! the meaning (`maternity beds`, `district name`, `name of respondent`), so that such a column is not read.
//! What groups of forms stand before it (`group/beds`) does not matter for numbers.

use super::super::features::{column, text_of};
use super::super::osm::is_private;
use super::kinds;
use crate::model::{Family, SiteClass};
use serde_json::{Map, Value};
use std::cell::RefCell;
use unicode_normalization::char::is_combining_mark;

/// What a column tells of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::read) enum Role {
    /// Its name; the column of the lowest rank is taken.
    Name(u8),
    /// How many beds it has.
    Beds,
    /// How many pupils.
    Pupils,
    /// How many displaced people, detainees or residents.
    People(SiteClass),
    /// How many people it can serve.
    Capacity,
}

impl Role {
    /// Returns what it tells, in a word.
    pub(in crate::read) const fn name(self) -> &'static str {
        match self {
            Self::Name(_) => "name",
            Self::Beds => "beds",
            Self::Pupils => "pupils",
            Self::People(_) => "people",
            Self::Capacity => "capacity",
        }
    }

    /// Whether it is a name since the column is called as a kind of site.
    pub(in crate::read) const fn is_by_kind(self) -> bool {
        matches!(self, Self::Name(BY_KIND))
    }

    /// Whether a number of that role tells who is in a site of a class.
    pub(super) fn is_occupancy_of(self, class: SiteClass) -> bool {
        match self {
            // Whoever lies in a bed is there; who could be served need not be.
            Self::Beds => class.is_place_bound(),
            Self::Pupils => class.is_place_bound() && class.family() == Family::Children,
            Self::People(of) => {
                of == class
                    || (of, class) == (SiteClass::DisplacementSite, SiteClass::CollectiveCentre)
            }
            Self::Name(_) | Self::Capacity => false,
        }
    }
}

/// Words for a name.
const NAME: &str = "name names nom noms nombre nome название наименование назва найменування 名称 名稱 名前 이름 الاسم اسم \
    نام نوم नाम নাম ชื่อ အမည် nama jina isim adı ad magaca magac tên ismi emri denumire όνομα שם ስም";

/// Heads of names that are one word in their language.
const NAMES: &str = "施設名 学校名 病院名 机构名称 機構名稱 医院名称 学校名称 시설명 학교명 병원명 bezeichnung einrichtungsname";

/// Heads of names of which one word alone says something else.
const PHRASES: [&str; 3] = ["org unit name", "organisation unit name", "organization unit name"];

/// Words for what has a name: a site, beside the words for kinds.
const OF_SITES: &str = "facility facilities fac site sites location loc place gis map institution institute establishment \
    structure building unit camp settlement station point health medical official \
    local english en fr es structure formation sanitaire fosa établissement etablissement installation instalación \
    instalacion instalação institución institucion instituição establecimiento estabelecimento unidad unidade entidad \
    einrichtung anlage objekt учреждения учреждение объекта объект организации закладу заклад установи об єкта \
    المرفق المنشأة المؤسسة الموقع المركز المخيم مرکز مکان تأسیسات tesis tesisin kurum kurumun fasilitas lokasi sarana \
    kituo cha la sehemu cơ sở";

/// Words that leave a head as it is: of, the, of a form or a group.
const LITTLE: &str = "of the de la le les du des d l del el da do das dos em en for in group grp info information basic \
    general section details data your please enter what is q";

/// Words for beds.
const BEDS: &str = "bed beds lit lits cama camas leito leitos bett betten bettenzahl letto letti posti койка койки коек ліжка ліжок ліжко \
    سرير أسرة اسرة الأسرة الاسرة سریر تخت تختخواب بستر yatak kasur katil tempat vitanda kitanda 床位 床位数 床位數 病床 病床数 \
    병상 병상수 giường बेड शय्या বেড শয্যা sariiro sariir አልጋ ขุดเตียง เตียง łóżek łóżka gadaje igitanda ibitanda שטרות מיטות";
/// Words for pupils.
const PUPILS: &str = "student students pupil pupils learner learners enrolment enrollment enrolled enrolments élève élèves \
    eleve eleves effectif effectifs alumno alumnos alumnas estudiante estudiantes matrícula matricula aluno alunos \
    schüler schülerzahl uczniów uczniowie ученики учеников учащиеся учащихся учні учнів طالب طلاب الطلاب تلاميذ التلاميذ \
    طلبة الطلبة دانش آموزان öğrenci siswa murid pelajar wanafunzi 学生数 學生數 学生 학생수 học sinh छात्र ছাত্র ardayda";
/// Words for those who stay where they are displaced to.
const DISPLACED: &str = "idp idps refugee refugees displaced individual individuals person persons people population déplacés \
    réfugiés personnes individus desplazados refugiados personas deslocados pessoas внп впо переселенцев беженцев \
    نازحين النازحين لاجئين اللاجئين pengungsi wakimbizi";
/// Words for those who are held.
const DETAINED: &str = "inmate inmates detainee detainees prisoner prisoners détenus détenu reclusos internos presos \
    заключенных ув'язнених سجناء السجناء نزلاء";
/// Words for those who live in a home.
const RESIDENTS: &str =
    "resident residents résidents pensionnaires residentes bewohner подопечных жителей";
/// Words for who can be served.
const CAPACITY: &str = "capacity cap capacité capacite capacidad capacidade kapazität вместимость місткість سعة السعة القدرة \
    kapasite kapasitesi kapasitas uwezo";
/// Words that say that a number counts all.
const COUNTS: &str = "number numbers no nos num numb nbr nbre nb nr n # total totals count counts sum all overall \
    capacity capacité capacidad capacidade persons people person p pers max maximum nombre número numero núm nº jumlah \
    anzahl zahl liczba количество число кол во кількість عدد العدد اجمالي إجمالي تعداد کل sayısı sayisi toplam idadi ya \
    số số_lượng की संख्या সংখ্যা tirada tidur total_ hospital facility school letto current actual licensed installed";

/// Whether a text of words, a blank between two, has a word.
fn has(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|known| known == word)
}

/// A head in words, in small letters.
fn words(head: &str) -> Vec<String> {
    let head = head.to_lowercase();
    let is_part = |letter: char| letter.is_alphanumeric() || is_combining_mark(letter);
    let words = head.split(|letter: char| !is_part(letter)).filter(|word| !word.is_empty());
    words.map(str::to_string).collect()
}

/// Returns what a column tells of a site by its head.
pub(in crate::read) fn role_of(head: &str) -> Option<Role> {
    let whole = words(head);
    if whole.is_empty() || is_private(head) {
        return None;
    }
    if let Some(rank) = name_rank(head, &whole) {
        return Some(Role::Name(rank));
    }
    let own = head.rsplit('/').next().unwrap_or(head);
    let last = own.rsplit([':', '-', '.']).next().unwrap_or(own);
    [own, last].into_iter().find_map(|part| number(part, &words(part)))
}

/// Whether a column is named as those of classes are.
pub(in crate::read) fn is_of_classes(name: &str) -> bool {
    const WORDS: [&str; 30] = [
        "class",
        "type",
        "typ",
        "types",
        "kind",
        "category",
        "categorie",
        "catégorie",
        "categoría",
        "categoria",
        "tipo",
        "classe",
        "clase",
        "amenity",
        "fclass",
        "typology",
        "typologie",
        "art",
        "kategorie",
        "kategoria",
        "тип",
        "вид",
        "категория",
        "категорія",
        "نوع",
        "النوع",
        "jenis",
        "tür",
        "aina",
        "类型",
    ];
    let name = name.to_lowercase();
    let mut words = name.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| WORDS.contains(&word))
}

/// Whether a column has a word for beds, pupils or capacity in its head.
pub(in crate::read) fn looks_like(head: &str) -> bool {
    let numbers = [BEDS, PUPILS, CAPACITY];
    words(head).iter().any(|word| numbers.iter().any(|known| has(known, word)))
}

/// What a number in a column of these words counts.
fn number(head: &str, words: &[String]) -> Option<Role> {
    /// Letters of a name in a Shapefile, whose last word may be cut off.
    const SHORT: usize = 10;
    let is_cut = |place: usize| head.len() == SHORT && place + 1 == words.len();
    let counts = |(place, word): (usize, &String)| {
        let begins =
            || COUNTS.split_ascii_whitespace().any(|known| known.starts_with(word.as_str()));
        has(COUNTS, word) || has(LITTLE, word) || (is_cut(place) && begins())
    };
    let roles = [
        (BEDS, Role::Beds),
        (PUPILS, Role::Pupils),
        (DISPLACED, Role::People(SiteClass::DisplacementSite)),
        (DETAINED, Role::People(SiteClass::DetentionPlace)),
        (RESIDENTS, Role::People(SiteClass::CareInstitution)),
        (CAPACITY, Role::Capacity),
    ];
    let at = |known: &str| words.iter().any(|word| has(known, word));
    let (known, role) = roles.into_iter().find(|(known, _)| at(known))?;
    let mut others = words.iter().enumerate().filter(|(_, word)| !has(known, word));
    // `capacity:persons` tells whom a site can serve, and who is counted is told by another word.
    let is_capacity = matches!(role, Role::People(_)) && at(CAPACITY);
    let role = if is_capacity { Role::Capacity } else { role };
    others.all(counts).then_some(role)
}

/// Ranks of names after those in English, international, official, and in any one language: by another head, and by
/// the kind of site alone.
const BY_HEAD: u8 = 5;
const BY_KIND: u8 = 6;

/// How soon a key is taken for a name where there is no `name`.
fn name_rank(head: &str, words: &[String]) -> Option<u8> {
    const FIRST: [&str; 4] = ["name:en", "name_en", "int_name", "official_name"];
    let key = head.to_lowercase();
    if let Some(rank) = (0..).zip(FIRST).find_map(|(rank, first)| (first == key).then_some(rank)) {
        return Some(rank);
    }
    if is_in_a_language(&key) {
        return Some(4);
    }
    // `name_of_the_site` and `name_alt`: these are other names.
    let is_of_site = |word: &&String| has(OF_SITES, word) || kinds::is_known(word);
    let of: Vec<&String> =
        words.iter().filter(|word| !has(NAME, word) && !has(LITTLE, word)).collect();
    let is_named = words.iter().any(|word| has(NAME, word));
    let phrase = words.join(" ");
    if has(NAMES, &phrase) || PHRASES.contains(&phrase.as_str()) {
        return Some(BY_HEAD);
    }
    let is_plain = is_named && of.is_empty() && key != "name" && !key.starts_with("name");
    if is_plain || (is_named && !of.is_empty() && of.iter().all(is_of_site)) {
        return Some(BY_HEAD);
    }
    // A column called "Hospital" holds their names.
    let own = head.rsplit('/').next().unwrap_or(head);
    (!is_named && kinds::is_kind(own)).then_some(BY_KIND)
}

/// Whether a key is that of a name in one language: a code, which may be followed by that of a script or a country.
fn is_in_a_language(key: &str) -> bool {
    let Some(language) = key.strip_prefix("name").and_then(|rest| rest.strip_prefix([':', '_']))
    else {
        return false;
    };
    let mut parts = language.split(['-', '_', '@']);
    let code = parts.next().unwrap_or_default();
    let is_code = (2..=3).contains(&code.len())
        && code.bytes().all(|letter| letter.is_ascii_lowercase())
        && parts.next().is_none_or(|part| [2, 4].contains(&part.len()))
        && parts.next().is_none();
    // `name_alt` and `name_old` are no languages.
    is_code && !["alt", "old", "loc", "int", "reg", "of"].contains(&code)
}

/// Whether a tag is that of a name, `name` itself left out.
pub(super) fn is_name(key: &str) -> bool {
    is_in_a_language(key) || ["int_name", "official_name"].contains(&key)
}

/// Returns the name of a feature: `name`, else the column of the lowest rank. What the kind of site is called (`School`)
/// may be a tag, or the column that tells the class, which `rule` begins with: it is no name then.
pub(super) fn name_of(
    properties: &Map<String, Value>,
    roles: &[(Role, &str, &Value)],
    rule: Option<&str>,
) -> Option<String> {
    /// Answers to a question of yes or no.
    const ANSWERS: &str =
        "yes no oui non true false si sí sim não ja nein да нет так ні نعم لا evet hayır none n/a";
    let own = column(properties, "name").and_then(|key| text_of(&properties[key]));
    let is_name = |head: &str, text: &str| {
        let is_class = rule
            .is_none_or(|rule| rule.strip_prefix(head).is_some_and(|rest| rest.starts_with('=')));
        let has_letters = text.chars().filter(|letter| letter.is_alphabetic()).count() > 1;
        has_letters && !is_class && !has(ANSWERS, &text.trim().to_lowercase())
    };
    own.or_else(|| {
        let mut names: Vec<(u8, &str, &Value)> = roles
            .iter()
            .filter_map(|(role, head, value)| match role {
                Role::Name(rank) => Some((*rank, *head, *value)),
                _ => None,
            })
            .collect();
        names.sort_by_key(|(rank, head, _)| (*rank, *head));
        names.into_iter().find_map(|(rank, head, value)| {
            text_of(value).filter(|text| rank < BY_KIND || is_name(head, text))
        })
    })
}

thread_local! {
    /// Heads of the feature before with their roles, by place: features of one file have the same heads.
    static BEFORE: RefCell<Vec<(String, Option<Role>)>> = const { RefCell::new(Vec::new()) };
}

/// Columns that tell something of a site, with what they tell, in the order of the feature.
pub(super) fn roles(properties: &Map<String, Value>) -> Vec<(Role, &str, &Value)> {
    /// Heads of more columns than tables have are not kept.
    const MOST: usize = 1000;
    let of = |before: &mut Vec<(String, Option<Role>)>, place: usize, key: &str| {
        if let Some((head, role)) = before.get(place)
            && head == key
        {
            return *role;
        }
        let role = role_of(key);
        before.truncate(place);
        if before.len() == place && place < MOST {
            before.push((key.to_string(), role));
        }
        role
    };
    BEFORE.with_borrow_mut(|before| {
        let roles = properties.iter().enumerate().filter_map(|(place, (key, value))| {
            Some((of(before, place, key)?, key.as_str(), value))
        });
        roles.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn heads_of_numbers_are_known_in_many_spellings_and_languages() {
        for head in [
            "beds",
            "Number of beds",
            "No. of beds",
            "Total beds",
            "bed_capacity",
            "num_beds",
            "Nb_lits",
            "Lits",
            "Nombre de lits",
            "Capacité en lits",
            "Ліжка",
            "Кількість ліжок",
            "Количество коек",
            "عدد الأسرة",
            "camas",
            "Número de camas",
            "leitos",
            "Nº de leitos",
            "kasur",
            "Jumlah tempat tidur",
            "Yatak sayısı",
            "group/beds",
            "grp-beds",
            "data:facility:n_beds",
            "capacity:beds",
            "capacity_beds",
            "bed_capaci",
            "床位数",
            "# beds",
            "BEDS_TOTAL",
            "Idadi ya vitanda",
            "Liczba łóżek",
        ] {
            assert_eq!(role_of(head), Some(Role::Beds), "{head}");
        }
        for head in [
            "Students",
            "No. of pupils",
            "enrolment",
            "Total Enrollment",
            "Élèves",
            "Nombre d'élèves",
            "عدد الطلاب",
            "Учнів",
            "Jumlah siswa",
            "alumnos",
        ] {
            assert_eq!(role_of(head), Some(Role::Pupils), "{head}");
        }
        for head in ["capacity", "capacity:persons", "capacity_p", "Total capacity", "Capacité"] {
            assert_eq!(role_of(head), Some(Role::Capacity), "{head}");
        }
        let displaced = Some(Role::People(SiteClass::DisplacementSite));
        assert_eq!(role_of("Number of individuals"), displaced);
        for head in [
            "maternity beds",
            "available beds",
            "bedsheets",
            "bed type",
            "tents",
            "male students",
            "occupied_beds",
            "capacity_kw",
            "people in need",
            "id",
            "lon",
        ] {
            assert_eq!(role_of(head), None, "{head}");
        }
    }

    #[test]
    fn a_name_is_found_in_whatever_language_there_is() {
        let name = |value: Value| {
            let Value::Object(properties) = value else { return None };
            name_of(&properties, &roles(&properties), Some("type=School"))
        };
        let both = json!({"name:fr": "Hôpital", "name:en": "Hospital"});
        assert_eq!(name(both).as_deref(), Some("Hospital"));
        assert_eq!(name(json!({"name_ar": "مستشفى"})).as_deref(), Some("مستشفى"));
        assert_eq!(name(json!({"name": "", "official_name": "X"})).as_deref(), Some("X"));
        let script = json!({"name:zh-Hant": "醫院", "name_of_owner": "c"});
        assert_eq!(name(script).as_deref(), Some("醫院"));
        assert_eq!(
            name(json!({"Hospital": "Saint Anna", "beds": 3})).as_deref(),
            Some("Saint Anna")
        );
        for no_name in [
            json!({"name_alt": "a", "name_of_operator": "b", "name:etymology": "c"}),
            json!({"Hospital": "yes", "School": 1}),
        ] {
            assert_eq!(name(no_name), None);
        }
        let Value::Object(tagged) = json!({"school": "primary"}) else { unreachable!() };
        assert_eq!(name_of(&tagged, &roles(&tagged), None), None, "a tag is no name");
    }

    #[test]
    fn heads_of_names_are_known_and_those_of_persons_and_districts_are_not() {
        for head in [
            "grp/fac_name",
            "Name of facility",
            "facility-name",
            "Facility Name",
            "Nom de la structure",
            "Nom de la formation sanitaire",
            "Health facility name",
            "school_name",
            "Hospital Name",
            "اسم المستشفى",
            "Название учреждения",
            "Назва закладу",
            "Nama fasilitas",
            "Nombre del establecimiento",
            "gis_name",
            "Organisation unit name",
            "Nome",
            "名称",
            "Nom",
            "site/name",
            "Hospital",
            "School",
            "Health facility",
            "Camp name",
            "施設名",
        ] {
            assert!(matches!(role_of(head), Some(Role::Name(_))), "{head}");
        }
        for head in [
            "District name",
            "name of respondent",
            "contact:name",
            "owner_name",
            "name_alt",
            "name_old",
            "nickname",
            "enumerator/name",
            "Name of the district",
            "User name",
            "name:etymology",
            "name_of_owner",
            "Region",
            "type",
            "status",
            "Police",
            "Village name",
            "name_of_operator",
        ] {
            assert_eq!(role_of(head), None, "{head}");
        }
        assert!(matches!(role_of("name:en"), Some(Role::Name(0))));
        assert!(matches!(role_of("name:zh-Hant"), Some(Role::Name(4))));
    }
}
