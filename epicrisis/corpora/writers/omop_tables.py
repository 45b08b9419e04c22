"""Columns of OMOP CDM v5.4, in its order, and of a table for relations, which is ours."""

INTEGER, DATE, DATETIME, FLOAT, LONG = "integer", "date", "datetime", "float", 0
"""Types of columns; a number is that of a varchar, 0 of one without a limit."""

NOTE: dict[str, str | int] = {
    "note_id": INTEGER,
    "person_id": INTEGER,
    "note_date": DATE,
    "note_datetime": DATETIME,
    "note_type_concept_id": INTEGER,
    "note_class_concept_id": INTEGER,
    "note_title": 250,
    "note_text": LONG,
    "encoding_concept_id": INTEGER,
    "language_concept_id": INTEGER,
    "provider_id": INTEGER,
    "visit_occurrence_id": INTEGER,
    "visit_detail_id": INTEGER,
    "note_source_value": 50,
    "note_event_id": INTEGER,
    "note_event_field_concept_id": INTEGER,
}
NOTE_NLP: dict[str, str | int] = {
    "note_nlp_id": INTEGER,
    "note_id": INTEGER,
    "section_concept_id": INTEGER,
    "snippet": 250,
    "offset": 50,
    "lexical_variant": 250,
    "note_nlp_concept_id": INTEGER,
    "note_nlp_source_concept_id": INTEGER,
    "nlp_system": 250,
    "nlp_date": DATE,
    "nlp_datetime": DATETIME,
    "term_exists": 1,
    "term_temporal": 50,
    "term_modifiers": 2000,
}
NOTE_NLP_RELATION: dict[str, str | int] = {
    "note_nlp_relation_id": INTEGER,
    "note_id": INTEGER,
    "note_nlp_id_1": INTEGER,
    "note_nlp_id_2": INTEGER,
    "relation_type": 250,
    "role_1": 250,
    "role_2": 250,
    "score": FLOAT,
}
TABLES = {"NOTE": NOTE, "NOTE_NLP": NOTE_NLP, "NOTE_NLP_RELATION": NOTE_NLP_RELATION}
