#include "history_upkeep.hpp"

#include <algorithm>
#include <utility>

namespace ros::actors {

namespace {

/// Rows that were deleted and rewritten take about this much on disk, besides their bytes.
constexpr std::uint64_t dead_row = storage::history_row_weight;

/// The share of what lies behind the old horizon that a new one reaches, about.
std::uint64_t weight_up_to(sync::version_type horizon, const storage::realm_record& record) {
  const auto reached = static_cast<double>(horizon - record.horizon),
             all = static_cast<double>(record.head.version - record.horizon);
  return static_cast<std::uint64_t>(static_cast<double>(record.weight_behind_horizon()) * reached /
                                    all);
}

} // namespace

void history_upkeep::loaded(const storage::realm_record& record) {
  phase_ = record.is_folding() ? phase::folding : phase::resting;
}

bool history_upkeep::is_pressing(const storage::realm_record& record) const {
  const auto weight = record.weight_behind_horizon();
  return phase_ == phase::resting && !paused_ &&
         weight >= std::max(limits_.pressing, record.horizon_weight / 2) &&
         weight >= fruitless_ + fruitless_ / 2;
}

void history_upkeep::start() {
  // Who lags behind may have gone for long: better a lower horizon than none.
  if (phase_ == phase::publishing && !in_entry_)
    abandon();
  if (phase_ != phase::resting)
    return;
  phase_ = phase::saving;
  ++round_;
  watched_.clear();
}

void history_upkeep::abandon() {
  if (phase_ == phase::folding)
    return;
  phase_ = phase::resting;
  outcome_.reset();
  in_entry_ = false;
}

void history_upkeep::give_up(const storage::realm_record& record) {
  fruitless_ = record.weight_behind_horizon();
  abandon();
}

void history_upkeep::attached(sync::file_ident client) {
  if (phase_ != phase::resting && phase_ != phase::folding)
    watched_.insert(client);
}

bool history_upkeep::surveyed(const client_survey& survey, const storage::realm_record& record) {
  const auto weight = record.weight_behind_horizon();
  if (survey.horizon > record.horizon &&
      weight_up_to(survey.horizon, record) >= std::max(limits_.worth, record.horizon_weight / 8)) {
    phase_ = phase::rewriting;
    return true;
  }
  fruitless_ = weight;
  phase_ = phase::resting;
  return false;
}

void history_upkeep::rewritten(std::shared_ptr<const storage::rewriting> outcome) {
  outcome_ = std::move(outcome);
  staged_ = 0;
  phase_ = outcome_->parts.size() > 0 ? phase::staging : phase::publishing;
}

// -- entries ----------------------------------------------------------------------

bool history_upkeep::is_held_up(const needs_below& needs) const {
  return std::any_of(watched_.begin(), watched_.end(),
                     [&](auto client) { return needs(client, outcome_->horizon); });
}

bool history_upkeep::has_work(const needs_below& needs) const {
  if (paused_)
    return false;
  switch (phase_) {
  case phase::saving:
  case phase::staging:
  case phase::folding:
    return true;
  case phase::publishing:
    return !is_held_up(needs);
  default:
    return false;
  }
}

storage::result<void> history_upkeep::contribute(storage::realm_entry_builder& entry,
                                                 storage::realm_record& next,
                                                 const storage::realm_store& store,
                                                 const needs_below& needs) {
  if (!has_work(needs))
    return {};
  in_entry_ = true;
  if (phase_ == phase::staging) {
    auto part = outcome_->parts.read(static_cast<std::size_t>(staged_));
    if (part)
      entry.stage(++staged_, part->view());
    else
      give_up(next);
  } else if (phase_ == phase::publishing) {
    return publish(entry, next, store);
  } else if (phase_ == phase::folding) {
    auto part = store.staged_part(next.fold_next);
    if (!part)
      return part.error();
    if (!entry.fold(next.fold_next, part->view()))
      return storage::error{storage::ec::corrupt, "a part of the rewritten history is damaged"};
    if (++next.fold_next > next.fold_last)
      next.fold_next = next.fold_last = 0;
  }
  return {};
}

storage::result<void> history_upkeep::publish(storage::realm_entry_builder& entry,
                                              storage::realm_record& next,
                                              const storage::realm_store& store) {
  const auto parts = outcome_->parts.size();
  if (parts > 0) {
    auto part = store.staged_part(1);
    if (!part)
      return part.error();
    if (!entry.fold(1, part->view()))
      return storage::error{storage::ec::corrupt, "a part of the rewritten history is damaged"};
  }
  next.horizon = outcome_->horizon;
  next.history_bytes += outcome_->bytes;
  next.history_bytes -= std::min(outcome_->bytes_before, next.history_bytes);
  next.horizon_bytes = outcome_->bytes;
  next.horizon_weight = outcome_->weight;
  if (parts > 1) {
    next.fold_next = 2;
    next.fold_last = parts;
  }
  freed_ = outcome_->bytes_before - std::min(outcome_->bytes, outcome_->bytes_before) +
           dead_row * (outcome_->changed_entries + outcome_->deleted_entries);
  return {};
}

bool history_upkeep::committed(const storage::realm_record& record) {
  resume();
  if (!std::exchange(in_entry_, false))
    return false;
  if (phase_ == phase::saving)
    saved();
  else if (phase_ == phase::staging && staged_ == outcome_->parts.size())
    phase_ = phase::publishing;
  else if (phase_ == phase::publishing || phase_ == phase::folding) {
    phase_ = record.is_folding() ? phase::folding : phase::resting;
    outcome_.reset();
    if (phase_ == phase::folding)
      return false;
    fruitless_ = 0;
    to_reclaim_ += std::exchange(freed_, 0);
    return true;
  }
  return false;
}

void history_upkeep::failed(const storage::realm_record& record) {
  in_entry_ = false;
  paused_ = true;
  outcome_.reset();
  loaded(record);
}

std::uint64_t history_upkeep::take_freed() {
  return std::exchange(to_reclaim_, 0);
}

} // namespace ros::actors
