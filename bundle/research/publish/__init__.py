"""The verb ``publish``: every published number and picture, made by one command that can be stopped and resumed."""

from __future__ import annotations

from pathlib import Path


def publish(
    *names: str,
    again: bool = False,
    itk_dir: str | None = None,
    mricron_dir: str | None = None,
    spm_dir: str | None = None,
    newborns_dir: str | None = None,
    crossvalidation_dir: str | None = None,
) -> None:
    """Say which published results are out of date, make them again, or fill the pages from them.

    Without a name it only says, for every result, whether it is up to date, which dependency changed, and how long
    it takes. Intermediate data lies in the folder ``published``: a run that was stopped continues where it was.

    Args:
        names: ``all`` makes what is out of date; names of results make only these, where they are out of date;
            ``pages`` only fills the pages from the results in ``docs/results``.
        again: make the named results even if they are up to date.
        itk_dir: folder of ITK's example head and slices, for ``skull_strip`` and ``midline``; see
            docs/preprocessing.md. Without the folders of real heads, the published rows of these heads are kept.
        mricron_dir: folder of MRIcron's templates, likewise.
        spm_dir: folder of SPM, likewise.
        newborns_dir: BIDS folder of real newborns, with a tight brain mask beside each scan (``newborns``,
            ``newborn_…``) and label maps (``heads``); see docs/newborn_data.md. Without it, the published results of
            newborns are kept.
        crossvalidation_dir: folder in which ``crossvalidate`` has put networks of these newborns, so that they are not
            trained again.

    Raises:
        ValueError: if there is no such result; the message lists those there are.
    """
    from .make_all import make
    from .nodes import NODES
    from .pages import fill_pages
    from .status import status

    wanted = [str(name) for name in names]
    known = ("all", "pages", *NODES)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"There is no result {unknown[0]!r}. Choose of: {', '.join(known)}.")
    folders = {"itk_dir": itk_dir, "mricron_dir": mricron_dir, "spm_dir": spm_dir}
    folders |= {"newborns_dir": newborns_dir, "crossvalidation_dir": crossvalidation_dir}
    if not wanted:
        print(status())
    elif wanted == ["pages"]:
        for page in fill_pages():
            print(page)
    else:
        chosen = list(NODES) if "all" in wanted else [name for name in wanted if name != "pages"]
        make(chosen, again, {key: str(Path(folder).resolve()) for key, folder in folders.items() if folder})
