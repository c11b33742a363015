"""The table of pathologies: what each is, where it lies, how its severity is measured, its signals, and the source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from . import bleeding, cortex, fluid, stroke, volume, white_matter
from .anatomy import Half
from .change import Change

Draw = Callable[[Half, float, torch.Generator], Change]
"""A function of half of a head, a severity and random numbers."""


@dataclass(frozen=True)
class Pathology:
    """One row.

    Attributes:
        words: what it is, in the words of a radiologist.
        place: where it is drawn.
        severities: usual levels, lowest first; any number between them can be drawn, too.
        unit: of the severity.
        t1: signal on T1.
        t2: signal on T2.
        source: the literature.
        draw: makes the change of one half.
    """

    words: str
    place: str
    severities: tuple[float, ...]
    unit: str
    t1: str
    t2: str
    source: str
    draw: Draw


FLUID_T1, FLUID_T2 = "dark, as fluid", "bright, as fluid"
DUDINK = "Dudink et al. 2009, doi:10.3174/ajnr.A1480"
PARODI = "Parodi et al. 2020, doi:10.1038/s41390-020-0780-2"
VEINS = "Dudink et al. 2008, doi:10.1136/adc.2007.118067"

PATHOLOGIES: dict[str, Pathology] = {
    "ventriculomegaly": Pathology(
        "one wide lateral ventricle",
        "lateral ventricle",
        (1.25, 1.5, 2.0),
        "times the width",
        FLUID_T1,
        FLUID_T2,
        "Gaglioti et al. 2005, doi:10.1002/uog.1857",
        fluid.ventriculomegaly,
    ),
    "stroke_acute": Pathology(
        "fresh stroke of the middle cerebral artery, first days",
        "around the Sylvian fissure",
        (3.0, 10.0, 25.0),
        "% of the hemisphere",
        "cortex darker and lost",
        "brighter, cortex lost",
        DUDINK,
        stroke.acute,
    ),
    "stroke_faint": Pathology(
        "the same stroke, hardly visible",
        "around the Sylvian fissure",
        (3.0, 10.0, 25.0),
        "% of the hemisphere",
        "cortex a little darker",
        "a little brighter",
        DUDINK,
        stroke.faint,
    ),
    "stroke_chronic": Pathology(
        "cavity weeks after the stroke, with loss of volume",
        "around the Sylvian fissure",
        (3.0, 10.0, 25.0),
        "% of the hemisphere",
        FLUID_T1,
        FLUID_T2,
        DUDINK,
        stroke.chronic,
    ),
    "haemorrhagic_infarct": Pathology(
        "periventricular haemorrhagic infarction",
        "fan of white matter at the lateral ventricle",
        (1.0, 4.0, 12.0),
        "ml",
        "bright, darker rim",
        "dark, brighter rim",
        VEINS,
        bleeding.haemorrhagic_infarct,
    ),
    "porencephaly": Pathology(
        "cavity after a haemorrhagic infarction, open to the ventricle",
        "fan of white matter at the lateral ventricle",
        (1.0, 4.0, 12.0),
        "ml",
        FLUID_T1,
        FLUID_T2,
        VEINS,
        bleeding.porencephaly,
    ),
    "germinal_matrix_haemorrhage": Pathology(
        "bleed into the germinal matrix",
        "caudothalamic groove",
        (3.0, 5.0, 8.0),
        "mm in diameter",
        "bright",
        "dark",
        PARODI,
        bleeding.germinal_matrix,
    ),
    "intraventricular_haemorrhage": Pathology(
        "blood in one lateral ventricle, which is wider",
        "back of the lateral ventricle",
        (15.0, 35.0, 60.0),
        "% of the ventricle",
        "bright",
        "dark",
        PARODI,
        bleeding.intraventricular,
    ),
    "cystic_leukomalacia": Pathology(
        "row of cysts in the white matter",
        "beside and above the lateral ventricle",
        (3.0, 5.0, 8.0),
        "mm, largest cyst",
        FLUID_T1,
        FLUID_T2,
        "de Vries et al. 1992, doi:10.1016/S0166-4328(05)80189-5",
        fluid.cysts,
    ),
    "punctate_lesions": Pathology(
        "punctate white-matter lesions",
        "white matter beside the lateral ventricle",
        (1.5, 2.0, 3.0),
        "mm, largest spot",
        "bright",
        "dark",
        "Kersbergen et al. 2014, doi:10.1371/journal.pone.0108904",
        white_matter.punctate,
    ),
    "internal_capsule": Pathology(
        "posterior limb of the internal capsule without its signal",
        "between thalamus and lentiform nucleus",
        (40.0, 70.0, 100.0),
        "% of the limb",
        "not bright",
        "not dark",
        "Rutherford et al. 1998, doi:10.1542/peds.102.2.323",
        white_matter.capsule,
    ),
    "cerebellar_haemorrhage": Pathology(
        "bleed into the cerebellum",
        "cerebellar hemisphere",
        (5.0, 10.0, 16.0),
        "mm in diameter",
        "bright",
        "dark",
        "Limperopoulos et al. 2005, doi:10.1542/peds.2005-0556",
        bleeding.cerebellar,
    ),
    "cerebellar_hypoplasia": Pathology(
        "one small half of the cerebellum",
        "cerebellar hemisphere",
        (15.0, 30.0, 50.0),
        "% of its volume lost",
        "fluid in its place",
        "fluid in its place",
        "Massoud et al. 2014, doi:10.1002/uog.13217",
        volume.cerebellar_hypoplasia,
    ),
    "extra_axial_collection": Pathology(
        "subdural or other collection outside the brain",
        "over one convexity",
        (2.0, 4.0, 6.0),
        "mm thick",
        "a little brighter than fluid",
        "a little darker than fluid",
        "Rooks et al. 2008, doi:10.3174/ajnr.A1004",
        fluid.collection,
    ),
    "hemimegalencephaly": Pathology(
        "one large hemisphere",
        "cerebral hemisphere",
        (4.0, 8.0, 16.0),
        "% larger",
        "unchanged",
        "unchanged",
        "Flores-Sarnat 2002, doi:10.1177/088307380201700512",
        volume.hemimegalencephaly,
    ),
    "hemiatrophy": Pathology(
        "one small hemisphere",
        "cerebral hemisphere",
        (4.0, 8.0, 16.0),
        "% smaller",
        "unchanged",
        "unchanged",
        "Piro et al. 2013, doi:10.1186/1824-7288-39-32",
        volume.hemiatrophy,
    ),
    "cortical_malformation": Pathology(
        "thick, smooth cortex",
        "around the Sylvian fissure",
        (3.0, 5.0, 8.0),
        "mm thick",
        "as grey matter",
        "as grey matter",
        "Barkovich et al. 2012, doi:10.1093/brain/aws019",
        cortex.malformation,
    ),
    "heterotopia": Pathology(
        "nodules of grey matter at the ventricle",
        "outer wall of the lateral ventricle",
        (3.0, 5.0, 8.0),
        "mm, largest nodule",
        "as grey matter",
        "as grey matter",
        "Barkovich and Kuzniecky 2000, doi:10.1212/WNL.55.11.1603",
        cortex.heterotopia,
    ),
}
"""Pathologies by name."""
