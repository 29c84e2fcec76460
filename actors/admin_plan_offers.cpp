// What making, accepting and withdrawing permission offers would write
// (access-control.md 6.4, 6.5).
#include "admin_audit.hpp"
#include "admin_permission_change.hpp"
#include "system_realms.hpp"

namespace ros::actors {

namespace {

constexpr std::size_t min_offer_id = 16;
constexpr std::size_t max_offer_id = 200;
constexpr std::size_t max_offers = 10'000; ///< of one user

/// 32 hexadecimal digits as a UUID.
std::string as_uuid(const std::string& hex) {
  if (hex.size() < 32)
    return hex;
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' +
         hex.substr(16, 4) + '-' + hex.substr(20, 12);
}

} // namespace

caf::expected<const offer_record*> admin_state::the_offer(const std::string& token) const {
  const auto found = offers_.find(std::string_view{token});
  if (found.empty())
    return caf::make_error(auth_ec::unknown_offer);
  if (found.size() > 1)
    return caf::make_error(auth_ec::offer_ambiguous);
  return found.front();
}

admin_state::planned admin_state::plan_one(const make_offer& x, const plan_inputs& inputs) const {
  if (auto refused = may_share(x.requester, x.path))
    return refused;
  if (!x.allowed.any())
    return caf::make_error(auth_ec::bad_parameter, std::string{"rights"});
  const auto id = x.id.empty() ? as_uuid(inputs.fresh_id) : x.id;
  if (id.size() < min_offer_id || id.size() > max_offer_id)
    return caf::make_error(auth_ec::bad_parameter, std::string{"id"});
  if (x.expires_ms != 0 && x.expires_ms <= inputs.now_ms)
    return caf::make_error(auth_ec::offer_expired);
  const auto& offerer = x.requester.user_id;
  const auto* old = offers_.find(offerer, id);
  if (!old && offers_.of_user(offerer).size() >= max_offers)
    return caf::make_error(auth_ec::quota_exceeded, std::string{"offers"});
  admin_plan plan;
  offer_record offer{id, offerer, x.path, x.allowed, inputs.now_ms, x.expires_ms};
  if (old) {
    offer.created_ms = old->created_ms;
    if (*old == offer) {
      plan.answer = std::move(offer);
      return plan;
    }
  }
  plan.rows.push_back(write_offer(offer));
  plan.reads = {user_key(offerer), row_key(row_kind::realm, x.path), permissions_of(x.path)};
  plan.note = make_note(x.by, "make_offer", x.path, {{"rights", to_string(x.allowed)}});
  plan.answer = std::move(offer);
  return plan;
}

admin_state::planned admin_state::plan_one(const accept_offer& x, const plan_inputs& inputs) const {
  const auto found = the_offer(x.token);
  if (!found)
    return found.error();
  const auto& offer = **found;
  if (offer.expires_ms != 0 && offer.expires_ms <= inputs.now_ms)
    return caf::make_error(auth_ec::offer_expired);
  const auto* realm = realms_.find(offer.path);
  if (!realm)
    return caf::make_error(auth_ec::realm_not_found);
  if (!allowed({offer.offerer, offer.offerer == admin_user_id}, offer.path).manage)
    return caf::make_error(auth_ec::unknown_offer);
  const auto& me = x.requester.user_id;
  const auto may = allowed(x.requester, offer.path);
  admin_plan plan;
  // Administrators may everything already, and the built-in one has no rows.
  if (me == offer.offerer || is_admin(x.requester)) {
    plan.answer = offer_accepted{offer.path, may};
    return plan;
  }
  const auto* user = users_.find(me);
  if (!user || user->suspended)
    return caf::make_error(ec::denied, std::string{"no such user"});
  permission_change change{*this, plan, *realm, inputs.now_ms};
  // What the default row gives must not be lost by a row of one's own.
  const auto now = change.row(me).value_or(may) | offer.allowed;
  change.set(me, now);
  plan.reads.insert(plan.reads.end(),
                    {user_key(me), user_key(offer.offerer), offer_row_key(offer)});
  plan.answer = offer_accepted{offer.path, may | now};
  if (!plan.rows.empty())
    plan.note = make_note(x.by, "accept_offer", offer.path,
                          {{"user", me}, {"offerer", offer.offerer}, {"rights", to_string(now)}});
  return plan;
}

admin_state::planned admin_state::plan_one(const withdraw_offer& x, const plan_inputs&) const {
  const auto found = the_offer(x.token);
  if (!found)
    return found.error();
  const auto& offer = **found;
  if (x.requester.user_id != offer.offerer && !is_admin(x.requester))
    return caf::make_error(ec::denied, std::string{"the offer is somebody else's"});
  admin_plan plan;
  plan.answer = true;
  plan.rows.push_back(remove_row(offer_row_key(offer)));
  plan.note = make_note(x.by, "withdraw_offer", offer.path, {{"offerer", offer.offerer}});
  return plan;
}

admin_state::planned admin_state::plan_one(const set_offer_expiry& x, const plan_inputs&) const {
  const auto found = the_offer(x.token);
  if (!found)
    return found.error();
  auto offer = **found;
  if (x.requester.user_id != offer.offerer && !is_admin(x.requester))
    return caf::make_error(ec::denied, std::string{"the offer is somebody else's"});
  admin_plan plan;
  if (offer.expires_ms != x.expires_ms) {
    offer.expires_ms = x.expires_ms;
    plan.rows.push_back(write_offer(offer));
    plan.note = make_note(x.by, "set_offer_expiry", offer.path,
                          {{"offerer", offer.offerer}, {"expires", x.expires_ms}});
  }
  plan.answer = std::move(offer);
  return plan;
}

} // namespace ros::actors
