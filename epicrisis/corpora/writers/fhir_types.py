"""Which types of entity are which FHIR resource, or an element of one, in lower case, as corpora and cTAKES name them.

A type that is not here has no resource, and is counted when it is left out. `treatment` of i2b2 is not: it is drugs and
operations alike.
"""

CONDITIONS = (
    *(
        "condition",
        "problem",
        "disease",
        "disorder",
        "disease_disorder",
        "diagnosis",
        "finding",
        "reason",
        "ade",
        "effect",
    ),
    *("symptom", "sign", "sign_symptom", "疾病和诊断", "疾病", "症状和体征", "症状"),
    *("diseasedisordermention", "signsymptommention"),
)
MEDICATIONS = ("medication", "drug", "药物", "药品", "medicationmention")
PROCEDURES = ("procedure", "therapeutic_procedure", "operation", "surgery", "手术", "proceduremention")
OBSERVATIONS = (
    *("observation", "diagnostic_procedure", "test", "lab_test", "measurement", "vital_sign"),
    *("labmention", "检查和检验", "影像检查", "实验室检验", "检查", "检验"),
)
OF_TYPE: dict[str, str] = {
    **dict.fromkeys(CONDITIONS, "Condition"),
    **dict.fromkeys(MEDICATIONS, "MedicationStatement"),
    **dict.fromkeys(PROCEDURES, "Procedure"),
    **dict.fromkeys(OBSERVATIONS, "Observation"),
}

_SITES = dict.fromkeys(
    ("biological_structure", "body", "body_part", "anatomy", "anatomicalsitemention", "解剖部位", "身体部位"),
    "bodySite",
)
_DOSES = ("dosage", "dose", "strength", "frequency", "route", "form", "duration", "administration")
PARTS: dict[str, dict[str, str]] = {
    "Condition": {**_SITES, "severity": "severity"},
    "Procedure": _SITES,
    "Observation": {**_SITES, **dict.fromkeys(("lab_value", "value"), "value")},
    "MedicationStatement": dict.fromkeys(_DOSES, "dosage"),
}
"""Resource -> type of what relates to it -> the element that this is."""

REASONS = {"Reason-Drug"}
"""Relations from a condition to the drug that is given for it."""

SYSTEMS = {
    "icd10": "http://hl7.org/fhir/sid/icd-10",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd9cm": "http://hl7.org/fhir/sid/icd-9-cm",
    "snomedct": "http://snomed.info/sct",
    "snomed": "http://snomed.info/sct",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "loinc": "http://loinc.org",
    "umls": "http://www.nlm.nih.gov/research/umls",
    "mesh": "http://id.nlm.nih.gov/mesh",
    "atc": "http://www.whocc.no/atc",
}
"""Name of a terminology, without spaces and hyphens -> its URI."""
