"""Each loss is its formula and is lowest where it should be."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from facelib.training.losses import MarginSoftmax, contrastive_loss, embedding_loss, hint_loss, instance_loss, relation_loss


def rows(n: int, d: int, seed: int) -> torch.Tensor:
    return functional.normalize(torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64))


@given(st.integers(2, 12), st.integers(2, 8), st.integers(0, 1000))
def test_a_student_equal_to_its_teacher_has_nothing_to_learn(n: int, d: int, seed: int) -> None:
    same = rows(n, d, seed)
    assert float(embedding_loss(same, same)) == pytest.approx(0, abs=1e-12)
    assert float(relation_loss(same, same)) == pytest.approx(0, abs=1e-12)
    assert float(embedding_loss(same, -same)) == pytest.approx(2)


@given(st.integers(2, 12), st.integers(2, 8), st.integers(0, 1000))
def test_relations_do_not_change_by_turning_all_vectors(n: int, d: int, seed: int) -> None:
    teacher, student = rows(n, d, seed), rows(n, d, seed + 1)
    turn = torch.linalg.qr(torch.randn(d, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64))[0]
    torch.testing.assert_close(relation_loss(student @ turn, teacher), relation_loss(student, teacher))


def test_the_mean_map_explains_nothing_and_the_map_itself_all() -> None:
    teacher = torch.randn(6, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    mean = teacher.mean(dim=(0, 2, 3), keepdim=True).expand_as(teacher)
    assert float(hint_loss(mean, teacher)) == pytest.approx(1, abs=0.01)
    assert float(hint_loss(teacher, teacher)) == 0


@given(st.integers(1, 10), st.integers(0, 1000), st.floats(0.1, 2))
def test_contrastive_loss_is_the_formula(n: int, seed: int, margin: float) -> None:
    a, b = rows(n, 4, seed), rows(n, 4, seed + 1)
    y = torch.arange(n) % 2
    apart = (a - b).norm(dim=1)
    expected = ((1 - y) * apart**2 + y * (margin - apart).clamp_min(0) ** 2).mean()
    torch.testing.assert_close(contrastive_loss(a, b, y, margin), expected)


def test_contrastive_loss_has_a_gradient_where_two_people_look_the_same() -> None:
    a = rows(3, 4, 0).requires_grad_()
    contrastive_loss(a, a.detach().clone(), torch.ones(3), 1.0).backward()
    assert a.grad is not None and torch.isfinite(a.grad).all()


def test_instances_are_told_apart_best_by_equal_views() -> None:
    a = rows(8, 16, 0)
    assert float(instance_loss(a, a, 0.1)) < float(instance_loss(a, a.roll(1, 0), 0.1))


def softmax(**kind: float) -> MarginSoftmax:
    torch.manual_seed(0)
    return MarginSoftmax(5, 8, **kind).double()


def test_without_a_margin_and_hard_negatives_it_is_a_softmax_of_cosines() -> None:
    head = softmax(margin=0.0).eval()
    vectors = functional.normalize(head.centres.detach()) * 1.0
    person = torch.arange(5)
    cosines = vectors @ functional.normalize(head.centres).T
    torch.testing.assert_close(head(vectors, person), functional.cross_entropy(32.0 * cosines, person))


@given(st.integers(0, 1000), st.floats(0.0, 0.5), st.floats(0.01, 0.5))
def test_a_wider_margin_never_costs_less(seed: int, margin: float, more: float) -> None:
    vectors, person = rows(6, 8, seed), torch.arange(6) % 5
    with torch.no_grad():
        wide, narrow = (softmax(margin=m)(vectors, person) for m in (margin + more, margin))
    assert float(wide) >= float(narrow) - 1e-9


def test_hard_negatives_weigh_more_as_training_goes_well() -> None:
    head = softmax().eval()
    person = torch.tensor([0])
    # Nearer to somebody else than to oneself: a hard negative.
    vector = functional.normalize(functional.normalize(head.centres.detach())[1:2] + 0.2 * functional.normalize(head.centres.detach())[:1])
    before = float(head(vector, person).detach())
    head.curriculum.fill_(1.0)
    assert float(head(vector, person).detach()) > before


def test_the_curriculum_follows_the_cosine_of_the_true_person_in_training_only() -> None:
    head = softmax()
    vectors = functional.normalize(head.centres.detach())
    head.eval()(vectors, torch.arange(5))
    assert float(head.curriculum) == 0
    for _ in range(500):
        head.train()(vectors, torch.arange(5))
    assert math.isclose(float(head.curriculum), 1, abs_tol=0.02)
