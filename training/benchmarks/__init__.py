# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What makes a model: history, the sample office, fitting, evaluation, training facts."""
