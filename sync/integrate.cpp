#include "integrate.hpp"

#include "changeset_codec.hpp"
#include "integrate_impl.hpp"
#include "server_transaction.hpp"
#include "summary.hpp"

#include <algorithm>
#include <utility>

namespace ros::sync {

result<void> integrator::impl::append(file_ident origin, version_type client_version,
                                      origin_timestamp timestamp, const changeset& changes) {
  history_entry entry;
  entry.origin = origin;
  entry.client_version = client_version;
  entry.timestamp = timestamp;
  entry.salt = salt_;
  entry.data = bytes(encode_changeset(changes));
  entry.original_size = entry.data.size();
  entry.summary = bytes(summarize(changes));
  return history_.append(std::move(entry));
}

/// Progress only ever grows; what the client has integrated it no longer needs
/// reciprocals of (merge-rules.md 5, end).
void integrator::impl::advance(const upload_batch& batch, client_file& file) {
  file.locked_version = std::max(file.locked_version, batch.locked_version);
  if (batch.progress.client_version <= file.progress.client_version)
    return;
  file.progress.client_version = batch.progress.client_version;
  const version_type base = batch.progress.last_integrated_server_version;
  if (base <= file.progress.last_integrated_server_version)
    return;
  file.progress.last_integrated_server_version = base;
  reciprocals_.trim(batch.client, base);
}

result<void> integrator::impl::integrate_local(const changeset& changes, origin_timestamp now) {
  state_.begin_batch();
  return finish_local(state_.apply(changes), changes, now);
}

result<local_changes> integrator::impl::transact(std::span<const write_operation> operations,
                                                 origin_timestamp now) {
  state_.begin_batch();
  auto made = apply_operations(state_, operations);
  if (!made || made->changes.instructions.empty()) {
    state_.drop_batch();
    return made ? result<local_changes>{local_changes{}} : made.error();
  }
  if (auto done = finish_local({}, made->changes, now); !done)
    return done.error();
  return local_changes{true, std::move(made->made)};
}

/// Appends what was applied in the batch that is open, and ends the batch.
result<void> integrator::impl::finish_local(result<void> applied, const changeset& changes,
                                            origin_timestamp now) {
  if (applied)
    applied = append(0, 0, now, changes);
  if (!applied) {
    state_.drop_batch();
    return applied.error();
  }
  state_.keep_batch();
  feature_level_ =
      std::max(feature_level_, static_cast<std::uint32_t>(required_protocol_version(changes)));
  return {};
}

// -- interface ----------------------------------------------------------------

integrator::integrator(const history_source& history, const state_source& state,
                       salt_type version_salt, integration_options options)
    : impl_(std::make_unique<impl>(history, state, version_salt, options)) {}

integrator::~integrator() = default;

version_type integrator::head() const {
  return impl_->history_.head();
}

result<void> integrator::integrate(const upload_batch& batch, client_file& file,
                                   int protocol_version) {
  begin(batch, protocol_version);
  if (auto done = step(file, nullptr); !done)
    return done.error();
  return {};
}

void integrator::begin(const upload_batch& batch, int protocol_version) {
  impl_->work_.emplace();
  impl_->work_->batch = &batch;
  impl_->work_->protocol_version = protocol_version;
}

bool integrator::is_integrating() const noexcept {
  return impl_->work_.has_value();
}

result<bool> integrator::step(client_file& file, const std::function<bool()>& pause) {
  return impl_->step(file, pause);
}

result<void> integrator::integrate_local(const changeset& changes, origin_timestamp now) {
  return impl_->integrate_local(changes, now);
}

result<local_changes> integrator::transact(std::span<const write_operation> operations,
                                           origin_timestamp now) {
  return impl_->transact(operations, now);
}

integrated integrator::take() {
  integrated all;
  impl_->history_.take(all.entries, all.block_summaries);
  impl_->reciprocals_.take(all.reciprocals, all.trims);
  all.state = impl_->state_.take_mutations();
  all.before_images = impl_->state_.take_before_images();
  all.feature_level = std::exchange(impl_->feature_level_, 0);
  return all;
}

void integrator::committed() {
  impl_->history_.committed();
  impl_->reciprocals_.committed();
  impl_->state_.committed();
}

void integrator::discard() {
  if (impl_->work_)
    impl_->abandon();
  impl_->history_.discard();
  impl_->reciprocals_.discard();
  impl_->state_.discard();
  impl_->feature_level_ = 0;
}

void integrator::set_cache_bytes(std::size_t history, std::size_t objects) {
  impl_->history_.set_budget(history / 2);
  impl_->reciprocals_.set_budget(history / 2);
  impl_->state_.set_cache_bytes(objects);
}

std::size_t integrator::memory_use() const {
  return impl_->history_.memory_use() + impl_->reciprocals_.memory_use() +
         impl_->state_.memory_use();
}

} // namespace ros::sync
