"""``facelib status`` shows each threshold with its value and where it comes from."""

from __future__ import annotations

import json
from pathlib import Path

from facelib.store.gallery import Gallery


def test_thresholds_are_shown_with_their_origins_under_their_new_names(facelib, tmp_path: Path) -> None:
    config, gallery = tmp_path / "config.toml", tmp_path / "gallery.sqlite"
    config.write_text("[thresholds]\nsecond_cut = 0.41\nsplit_threshold = 0.3\n", encoding="utf-8")
    with Gallery.write(gallery, "test"):
        pass
    shown = json.loads(facelib("status", "--json", "--gallery", str(gallery), "--config", str(config)).out)["thresholds"]
    assert shown["linkage_threshold"] == {"value": 0.41, "source": str(config)}
    assert shown["split_threshold"] == {"value": 0.3, "source": str(config)}
    assert shown["outlier_distance"] == {"value": 0.41, "source": "as linkage_threshold"}
    assert shown["suggestion_reach"] == {"value": 1.3 * 0.41, "source": "as 1.3 times linkage_threshold, at most 1"}
    assert shown["pair_threshold"]["source"].startswith("card ")
    assert shown["min_moments"] == {"value": 2, "source": "default"}
