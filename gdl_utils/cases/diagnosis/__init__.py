"""Diagnosis on a knowledge graph: the network, its rivals, and what it says of one patient.

``from gdl_utils.cases.diagnosis import diagnose, load_diagnosis, KGCN, NaiveBayes``. See chapter
21, *Diagnosis on a knowledge graph*, and the page *A diagnosis in the page*.
"""

from gdl_utils.cases.diagnosis.bayes import (
    InformationContent,
    NaiveBayes,
    ancestors,
    clean_posterior,
)
from gdl_utils.cases.diagnosis.consultation import Diagnosis, diagnose, load_diagnosis, one_patient
from gdl_utils.cases.diagnosis.factors import BagOfSymptoms, GraphFactors
from gdl_utils.cases.diagnosis.kgcn import KGCN, bayes_network, fit_patients, predict
from gdl_utils.cases.diagnosis.paths import WAYS, Paths

__all__ = [
    "KGCN",
    "WAYS",
    "BagOfSymptoms",
    "Diagnosis",
    "GraphFactors",
    "InformationContent",
    "NaiveBayes",
    "Paths",
    "ancestors",
    "bayes_network",
    "clean_posterior",
    "diagnose",
    "fit_patients",
    "load_diagnosis",
    "one_patient",
    "predict",
]
