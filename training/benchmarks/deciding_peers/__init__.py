# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Deciding measured apart and together: against a peer, by its parts, with little history, with much of it."""
