//! The taxonomy: 39 classes of civilian sites, why each is protected and what it serves.
//!
//! One row of `TABLE` holds what is fixed about a class: its name, family, legal basis, topics, the
//! service it gives, and how it is counted. What is a judgement (tier, usual occupants, expected
//! number) lies in the [`Scheme`](crate::model::scheme::Scheme), so that it can be changed without a
//! rebuild.
//!
//! All classes are civilian objects (AP I 52(1), ICRC rules 7–10), in doubt presumed so
//! (AP I 52(3)). The basis is printed for counsel; it decides nothing.
//!
//! Source: METHOD §6. AP: Additional Protocol. GC: Geneva Convention. ICRC rule: Customary
//! International Humanitarian Law, vol. I (2005).

use std::cmp::Ordering;

/// Attention in planning, not legal rank. The gravest is the greatest: `T1 > T2 > T3 > T4`, so
/// `max` of several tiers, and of several `Option<Tier>`, is the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tier {
    /// Tier 1: one such site alone puts an area at the floor of the gravest.
    T1,
    /// Tier 2.
    T2,
    /// Tier 3.
    T3,
    /// Tier 4: land, counted by its surface.
    T4,
}

impl Tier {
    /// All tiers, gravest first.
    pub const ALL: [Self; 4] = [Self::T1, Self::T2, Self::T3, Self::T4];

    /// The number of the tier, 1 to 4.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The tier of a number, 1 to 4.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.number() == number)
    }

    /// The word for this tier in outputs: `t1`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::T1 => "t1",
            Self::T2 => "t2",
            Self::T3 => "t3",
            Self::T4 => "t4",
        }
    }
}

impl Ord for Tier {
    fn cmp(&self, other: &Self) -> Ordering {
        other.number().cmp(&self.number())
    }
}

impl PartialOrd for Tier {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Cross-cutting topics of human security, in the order of the output columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Protection of civilians.
    Poc,
    /// Children and armed conflict.
    Cac,
    /// Cultural property protection.
    Cpp,
    /// Combating trafficking in human beings.
    Cthb,
    /// Conflict-related sexual violence.
    Crsv,
    /// Women, peace and security.
    Wps,
}

impl Topic {
    /// All topics.
    pub const ALL: [Self; 6] = [Self::Poc, Self::Cac, Self::Cpp, Self::Cthb, Self::Crsv, Self::Wps];

    /// The word for this topic in outputs: `poc`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Poc => "poc",
            Self::Cac => "cac",
            Self::Cpp => "cpp",
            Self::Cthb => "cthb",
            Self::Crsv => "crsv",
            Self::Wps => "wps",
        }
    }
}

/// What people far from a site may get from it, in the order of the output columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Health care.
    Health,
    /// Water.
    Water,
    /// Power.
    Power,
    /// Food.
    Food,
    /// Sanitation.
    Sanitation,
    /// Relief. It has no catchment: only a caseload that the site itself states.
    Relief,
    /// Education.
    Education,
    /// Mobility.
    Mobility,
    /// Telecommunication.
    Telecom,
}

impl Service {
    /// All services; a service's place here is its place in every array of nine.
    pub const ALL: [Self; 9] = [
        Self::Health,
        Self::Water,
        Self::Power,
        Self::Food,
        Self::Sanitation,
        Self::Relief,
        Self::Education,
        Self::Mobility,
        Self::Telecom,
    ];

    /// The word for this service in outputs: `health`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Water => "water",
            Self::Power => "power",
            Self::Food => "food",
            Self::Sanitation => "sanitation",
            Self::Relief => "relief",
            Self::Education => "education",
            Self::Mobility => "mobility",
            Self::Telecom => "telecom",
        }
    }

    /// The service of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    /// Whether people are allotted to its sites by distance; if not, only a site's own caseload counts.
    #[must_use]
    pub const fn has_catchment(self) -> bool {
        !matches!(self, Self::Relief)
    }
}

/// Groups of classes; records of different families are never merged into one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Health.
    Health,
    /// Children and education.
    Children,
    /// Displacement and shelter.
    Displacement,
    /// Essential services.
    Essential,
    /// Dangerous forces and environment.
    Environment,
    /// Cultural property.
    Culture,
    /// Relief, movement, administration.
    Relief,
}

impl Family {
    /// The words for this family.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Children => "children and education",
            Self::Displacement => "displacement and shelter",
            Self::Essential => "essential services",
            Self::Environment => "dangerous forces and environment",
            Self::Culture => "cultural property",
            Self::Relief => "relief, movement, administration",
        }
    }
}

/// How sites of a class are counted inside an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Once, whatever its geometry.
    Each,
    /// A line by its kilometers inside the area, any other geometry once.
    PerKm,
    /// By its square kilometers inside the area.
    PerKm2,
    /// Not at all: context, without tier or load.
    Context,
}

impl Counted {
    /// The words for this way of counting.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::PerKm => "per km",
            Self::PerKm2 => "per km²",
            Self::Context => "context",
        }
    }
}

/// Classes of civilian sites, in METHOD's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SiteClass {
    /// A hospital.
    Hospital,
    /// A clinic, health center or doctor's practice.
    HealthCentre,
    /// Maternity care, and care after gender-based violence.
    MaternalGbvService,
    /// Pharmacies, laboratories, blood banks.
    MedicalSupply,
    /// Ambulance and fire stations.
    EmergencyService,
    /// Homes for people who need care: nursing homes, assisted living.
    CareInstitution,
    /// A school.
    School,
    /// Kindergartens and child care by day.
    EarlyChildhood,
    /// Colleges and universities.
    HigherEducation,
    /// Homes of children without family care.
    ChildCareHome,
    /// A camp of refugees or displaced people.
    DisplacementSite,
    /// A building that shelters displaced people together.
    CollectiveCentre,
    /// A refuge whose place is kept secret.
    SafeHouse,
    /// A hospital, safety or neutralized zone, or a non-defended locality.
    ProtectedZone,
    /// A shelter of civil defense.
    CivilShelter,
    /// A place where people are held.
    DetentionPlace,
    /// Where people live: context, since people are counted by the population layers.
    DwellingArea,
    /// Water works and pumping stations.
    WaterWorks,
    /// Wells, water towers, taps.
    WaterPoint,
    /// Waste water treatment.
    Sanitation,
    /// Power plants and substations.
    PowerSupply,
    /// Markets, bakeries, food shops, grain stores.
    FoodSupply,
    /// Farmland and irrigation.
    FarmlandIrrigation,
    /// Fuel for heating, cooking and moving.
    FuelHeating,
    /// Dams and dykes.
    DamDyke,
    /// Nuclear power stations.
    NuclearStation,
    /// Works whose failure would poison their surroundings.
    HazardousFacility,
    /// Protected nature.
    ProtectedNature,
    /// Cultural property under enhanced protection.
    CulturalEnhanced,
    /// World Heritage.
    WorldHeritage,
    /// Monuments and archaeological sites.
    MonumentSite,
    /// Museums, libraries, archives.
    MuseumLibraryArchive,
    /// Places of worship.
    PlaceOfWorship,
    /// Cemeteries and graves.
    BurialSite,
    /// Where relief is stored, organized or given.
    ReliefSite,
    /// Premises of the United Nations and of the Red Cross and Red Crescent.
    UnIcrcPremises,
    /// Ways by which people leave, assembly points, border crossings.
    EvacuationRouteCrossing,
    /// Bridges, stations, ferries, airfields that people's movement rests on.
    MobilityLifeline,
    /// Telecommunication, media, courts, town halls.
    TelecomMediaAdmin,
}

/// What is fixed about one class.
struct Row {
    class: SiteClass,
    name: &'static str,
    family: Family,
    basis: &'static str,
    topics: &'static [Topic],
    service: Option<Service>,
    counted: Counted,
    place_bound: bool,
    day: bool,
    sensitive: bool,
}

impl Row {
    /// A class of which each site counts once, without further marks.
    const fn new(
        class: SiteClass,
        name: &'static str,
        family: Family,
        basis: &'static str,
        topics: &'static [Topic],
    ) -> Self {
        let (service, counted) = (None, Counted::Each);
        let (place_bound, day, sensitive) = (false, false, false);
        Self { class, name, family, basis, topics, service, counted, place_bound, day, sensitive }
    }

    /// The service it gives.
    const fn serves(self, service: Service) -> Self {
        Self { service: Some(service), ..self }
    }

    /// How it is counted.
    const fn counted(self, counted: Counted) -> Self {
        Self { counted, ..self }
    }

    /// L: people live or stay there who cannot leave by themselves.
    const fn place_bound(self) -> Self {
        Self { place_bound: true, ..self }
    }

    /// L by day only.
    const fn place_bound_by_day(self) -> Self {
        Self { place_bound: true, day: true, ..self }
    }

    /// ◆: where it is must not be shared.
    const fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }
}

const CARE: &str = "GC I 19; GC IV 18; AP I 8(e), 12; AP II 11; ICRC rule 28";
const SCHOOLS: &str = "AP I 52(3), 77, 78; GC IV 50; AP II 4(3)(a); ICRC rule 135; \
                       Safe Schools Declaration";
const DISPLACED: &str = "AP I 51, 73; GC IV 49; ICRC rules 129–133";

/// The taxonomy, one row a class, in the order of [`SiteClass`].
#[rustfmt::skip]
const TABLE: [Row; 39] = {
    use Family::{Children, Culture, Displacement, Environment, Essential, Health, Relief};
    use SiteClass as C;
    use Topic::{Cac, Cpp, Crsv, Cthb, Poc, Wps};
    [
        Row::new(C::Hospital, "hospital", Health, CARE, &[Poc, Cac, Wps]).serves(Service::Health).place_bound(),
        Row::new(C::HealthCentre, "health_centre", Health, CARE, &[Poc, Cac, Wps]).serves(Service::Health),
        Row::new(C::MaternalGbvService, "maternal_gbv_service", Health, "AP I 12, 76; GC IV 16; ICRC rule 134", &[Cac, Crsv, Wps]).sensitive(),
        Row::new(C::MedicalSupply, "medical_supply", Health, "AP I 8(e), 12", &[Poc]),
        Row::new(C::EmergencyService, "emergency_service", Health, "AP I 21, 61–67; ICRC rule 29", &[Poc]),
        Row::new(C::CareInstitution, "care_institution", Health, "GC IV 16, 17; ICRC rule 138", &[Poc, Wps]).place_bound(),

        Row::new(C::School, "school", Children, SCHOOLS, &[Cac]).serves(Service::Education).place_bound_by_day(),
        Row::new(C::EarlyChildhood, "early_childhood", Children, SCHOOLS, &[Cac, Wps]).serves(Service::Education).place_bound_by_day(),
        Row::new(C::HigherEducation, "higher_education", Children, "AP I 52", &[Cac, Cpp]),
        Row::new(C::ChildCareHome, "child_care_home", Children, "AP I 77, 78; GC IV 24", &[Cac, Cthb]).place_bound().sensitive(),

        Row::new(C::DisplacementSite, "displacement_site", Displacement, DISPLACED, &[Poc, Cac, Cthb, Crsv, Wps]).serves(Service::Relief).place_bound(),
        Row::new(C::CollectiveCentre, "collective_centre", Displacement, DISPLACED, &[Poc, Cac, Cthb, Crsv]).place_bound(),
        Row::new(C::SafeHouse, "safe_house", Displacement, "AP I 76; ICRC rules 93, 134; Palermo Protocol", &[Cthb, Crsv, Wps]).place_bound().sensitive(),
        Row::new(C::ProtectedZone, "protected_zone", Displacement, "GC I 23; GC IV 14, 15; AP I 59, 60; ICRC rules 35–37", &[Poc]),
        Row::new(C::CivilShelter, "civil_shelter", Displacement, "AP I 61, 62(3)", &[Poc]).place_bound(),
        Row::new(C::DetentionPlace, "detention_place", Displacement, "GC III 23; GC IV 83, 88; AP II 5", &[Poc, Cthb, Crsv]).place_bound(),
        Row::new(C::DwellingArea, "dwelling_area", Displacement, "AP I 52(3)", &[Poc]).counted(Counted::Context),

        Row::new(C::WaterWorks, "water_works", Essential, "AP I 54(2); AP II 14; ICRC rule 54", &[Poc, Cac]).serves(Service::Water),
        Row::new(C::WaterPoint, "water_point", Essential, "AP I 54(2)", &[Poc, Wps]).serves(Service::Water),
        Row::new(C::Sanitation, "sanitation", Essential, "AP I 54, 55", &[Poc]).serves(Service::Sanitation),
        Row::new(C::PowerSupply, "power_supply", Essential, "AP I 52", &[Poc]).serves(Service::Power),
        Row::new(C::FoodSupply, "food_supply", Essential, "AP I 54(2); ICRC rules 53, 54", &[Poc, Wps]).serves(Service::Food),
        Row::new(C::FarmlandIrrigation, "farmland_irrigation", Essential, "AP I 54(2)", &[Poc]).counted(Counted::PerKm2),
        Row::new(C::FuelHeating, "fuel_heating", Essential, "AP I 52, 54", &[Poc]),

        Row::new(C::DamDyke, "dam_dyke", Environment, "AP I 56; AP II 15; ICRC rule 42", &[Poc]),
        Row::new(C::NuclearStation, "nuclear_station", Environment, "AP I 56; AP II 15; ICRC rule 42", &[Poc]),
        Row::new(C::HazardousFacility, "hazardous_facility", Environment, "AP I 55; ICRC rules 43–45", &[Poc]),
        Row::new(C::ProtectedNature, "protected_nature", Environment, "AP I 35(3), 55; ICRC rules 43–45", &[Poc]).counted(Counted::PerKm2),

        Row::new(C::CulturalEnhanced, "cultural_enhanced", Culture, "Hague 1954 8, 9; Second Protocol 10–12; ICRC rules 38, 39", &[Cpp]),
        Row::new(C::WorldHeritage, "world_heritage", Culture, "Hague 1954 1, 4; AP I 53; AP II 16; ICRC rule 38", &[Cpp]),
        Row::new(C::MonumentSite, "monument_site", Culture, "Hague 1954 4, 6, 16; AP I 53", &[Cpp]),
        Row::new(C::MuseumLibraryArchive, "museum_library_archive", Culture, "Hague 1954 1(b); ICRC rules 38–40", &[Cpp]),
        Row::new(C::PlaceOfWorship, "place_of_worship", Culture, "AP I 52(3), 53", &[Poc, Cpp]),
        Row::new(C::BurialSite, "burial_site", Culture, "AP I 34; ICRC rule 115", &[Cpp]),

        Row::new(C::ReliefSite, "relief_site", Relief, "AP I 70, 71; GC IV 23, 59; ICRC rules 31, 32", &[Poc]).serves(Service::Relief).sensitive(),
        Row::new(C::UnIcrcPremises, "un_icrc_premises", Relief, "ICRC rules 30, 33", &[Poc]),
        Row::new(C::EvacuationRouteCrossing, "evacuation_route_crossing", Relief, "GC IV 17; AP I 58; ICRC rules 20, 24", &[Poc, Cthb, Crsv]).counted(Counted::PerKm),
        Row::new(C::MobilityLifeline, "mobility_lifeline", Relief, "AP I 52, 57", &[Poc, Cthb]).serves(Service::Mobility),
        Row::new(C::TelecomMediaAdmin, "telecom_media_admin", Relief, "AP I 52, 79", &[Poc, Cthb]),
    ]
};

impl SiteClass {
    /// All classes; a class's place here is its place in every array of 39.
    pub const ALL: [Self; 39] = {
        let mut all = [Self::Hospital; 39];
        let mut place = 0;
        while place < all.len() {
            all[place] = TABLE[place].class;
            assert!(all[place] as usize == place, "a row of TABLE is out of order");
            place += 1;
        }
        all
    };

    /// The row of this class.
    const fn row(self) -> &'static Row {
        const ROWS: &[Row; 39] = &TABLE;
        &ROWS[self as usize]
    }

    /// The name of this class in files: `hospital`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The class of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// The group it belongs to.
    #[must_use]
    pub const fn family(self) -> Family {
        self.row().family
    }

    /// Why it is protected: treaty articles and customary rules.
    #[must_use]
    pub const fn basis(self) -> &'static str {
        self.row().basis
    }

    /// The topics it counts in, in the order of [`Topic::ALL`].
    #[must_use]
    pub const fn topics(self) -> &'static [Topic] {
        self.row().topics
    }

    /// Whether sites of this class weigh anything; others are context.
    #[must_use]
    pub fn has_load(self) -> bool {
        self.counted() != Counted::Context
    }

    /// Whether some site of this class gives a service.
    #[must_use]
    pub fn can_serve(self, service: Service) -> bool {
        match self {
            // By the tags of a site.
            Self::TelecomMediaAdmin => service == Service::Telecom,
            _ => self.service() == Some(service),
        }
    }

    /// The service that every site of this class gives.
    ///
    /// None for [`SiteClass::TelecomMediaAdmin`], which holds town halls as well as exchanges: there
    /// the rule that classified the site says whether it supplies telecom.
    #[must_use]
    pub const fn service(self) -> Option<Service> {
        self.row().service
    }

    /// How its sites are counted.
    #[must_use]
    pub const fn counted(self) -> Counted {
        self.row().counted
    }

    /// More people than this in one such site are a mistake of their source: the largest camps hold about a
    /// million, the largest schools, hospitals and prisons some ten thousand.
    #[must_use]
    pub const fn most_occupants(self) -> f64 {
        match self {
            Self::DisplacementSite => 2e6,
            _ => 1e5,
        }
    }

    /// Whether its occupants are people in place-bound vulnerable situations.
    #[must_use]
    pub const fn is_place_bound(self) -> bool {
        self.row().place_bound
    }

    /// Whether its occupants are there by day only.
    #[must_use]
    pub const fn is_day(self) -> bool {
        self.row().day
    }

    /// Whether the location is sensitive and is generalized in what is shared.
    #[must_use]
    pub const fn is_sensitive(self) -> bool {
        self.row().sensitive
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_lead_back_to_their_class() {
        for class in SiteClass::ALL {
            assert_eq!(SiteClass::from_name(class.name()), Some(class));
        }
        assert_eq!(SiteClass::from_name("Hospital"), None);
    }

    #[test]
    fn the_graver_tier_is_the_greater_one() {
        let tiers = [None, Some(Tier::T4), Some(Tier::T3), Some(Tier::T2), Some(Tier::T1)];
        assert!(tiers.is_sorted());
        assert_eq!(Tier::from_number(1), Some(Tier::T1));
        assert_eq!(Tier::from_number(5), None);
    }

    #[test]
    fn marks_fall_on_the_classes_of_the_method() {
        let named = |mark: fn(SiteClass) -> bool| -> Vec<_> {
            SiteClass::ALL.into_iter().filter(|&class| mark(class)).map(SiteClass::name).collect()
        };
        assert_eq!(named(SiteClass::is_day), ["school", "early_childhood"]);
        assert_eq!(
            named(SiteClass::is_sensitive),
            ["maternal_gbv_service", "child_care_home", "safe_house", "relief_site"]
        );
        assert_eq!(
            named(SiteClass::is_place_bound),
            [
                "hospital",
                "care_institution",
                "school",
                "early_childhood",
                "child_care_home",
                "displacement_site",
                "collective_centre",
                "safe_house",
                "civil_shelter",
                "detention_place"
            ]
        );
        assert_eq!(
            named(|class| class.counted() != Counted::Each),
            [
                "dwelling_area",
                "farmland_irrigation",
                "protected_nature",
                "evacuation_route_crossing"
            ]
        );
    }

    #[test]
    fn topics_stand_in_the_order_of_the_columns() {
        for class in SiteClass::ALL {
            assert!(class.topics().is_sorted() && !class.topics().is_empty(), "{}", class.name());
        }
    }
}
