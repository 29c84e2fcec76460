#include "merge_rules.hpp"

// Peer rules for two instructions on one list: P13 to P21. In the comments i, e,
// u are the indexes of insert, erase and update, f -> t a move, n a prior size.

namespace ros::sync::merging {
namespace {

constexpr contradiction no_list_update = "an entry is set in what is a list (P13, P15, P18)";

void touch(participant& p) {
  p.modified = true;
}
void touch(participant& x, participant& y) {
  x.modified = true;
  y.modified = true;
}

} // namespace

/// P13.
contradiction insert_meets_update(const participant& insert, participant& update) {
  if (!update.ends_with_index())
    return no_list_update;
  if (insert.prior_size != update.prior_size)
    return "insert and update disagree about the size of the list (P13)";
  if (insert.index() > insert.prior_size || update.index() >= update.prior_size)
    return "insert or update outside the list (P13)";
  ++update.prior_size;
  if (update.index() >= insert.index())
    ++update.index();
  touch(update);
  return nullptr;
}

/// P14. Of two inserts at one place the older comes first.
contradiction insert_meets_insert(participant& x, participant& y) {
  if (x.prior_size != y.prior_size)
    return "two inserts disagree about the size of the list (P14)";
  ++x.prior_size;
  ++y.prior_size;
  auto& i = x.index();
  auto& j = y.index();
  if (i < j || (i == j && older(x, y)))
    ++j;
  else
    ++i;
  touch(x, y);
  return nullptr;
}

/// P15. Quirk Q8: the sizes are not compared.
contradiction move_meets_update(const participant& move, participant& update) {
  if (!update.ends_with_index())
    return no_list_update;
  if (move.index() >= move.prior_size || update.index() >= update.prior_size)
    return "move or update outside the list (P15)";
  update.index() = shift(update.index(), move.index(), move.to_index);
  touch(update);
  return nullptr;
}

/// P16. Quirk Q8: the sizes are not compared.
void move_meets_insert(participant& move, participant& insert) {
  auto& f = move.index();
  auto& t = move.to_index;
  auto& i = insert.index();
  ++move.prior_size;
  if (i > f)
    --i;
  else
    ++f;
  if (i < t || (i == t && older(move, insert)))
    ++t;
  else
    ++i;
  touch(move, insert);
}

/// P17, first case: both move one element. The younger wins, from where the
/// older has put it.
static void same_element_moved(participant& x, participant& y) {
  auto& first = older(x, y) ? x : y;
  auto& second = older(x, y) ? y : x;
  second.index() = first.to_index;
  first.dropped = true;
  second.dropped = second.index() == second.to_index;
}

/// P17.
contradiction move_meets_move(participant& x, participant& y) {
  const auto n = x.prior_size;
  if (n != y.prior_size)
    return "two moves disagree about the size of the list (P17)";
  auto& fx = x.index();
  auto& fy = y.index();
  auto& tx = x.to_index;
  auto& ty = y.to_index;
  if (fx >= n || fy >= n || tx >= n || ty >= n)
    return "a move outside the list (P17)";
  touch(x, y);
  if (fx == fy) {
    same_element_moved(x, y);
    return nullptr;
  }
  --(fx > fy ? fx : fy);
  if (tx > fy)
    --tx;
  else
    ++fy;
  if (ty > fx)
    --ty;
  else
    ++fx;
  if (tx < ty || (tx == ty && older(x, y)))
    ++ty;
  else
    ++tx;
  x.dropped = fx == tx;
  y.dropped = fy == ty;
  return nullptr;
}

/// P18. Erasing wins over updating, whatever the clocks say.
contradiction erase_meets_update(const participant& erase, participant& update) {
  if (!update.ends_with_index())
    return no_list_update;
  if (erase.prior_size != update.prior_size)
    return "erase and update disagree about the size of the list (P18)";
  if (erase.index() >= erase.prior_size || update.index() >= update.prior_size)
    return "erase or update outside the list (P18)";
  --update.prior_size;
  if (update.index() == erase.index())
    update.dropped = true;
  else if (update.index() > erase.index())
    --update.index();
  touch(update);
  return nullptr;
}

/// P19.
contradiction erase_meets_insert(participant& erase, participant& insert) {
  if (erase.prior_size != insert.prior_size)
    return "erase and insert disagree about the size of the list (P19)";
  if (erase.index() >= erase.prior_size || insert.index() > insert.prior_size)
    return "erase or insert outside the list (P19)";
  ++erase.prior_size;
  --insert.prior_size;
  if (insert.index() <= erase.index())
    ++erase.index();
  else
    --insert.index();
  touch(erase, insert);
  return nullptr;
}

/// P20. Erasing the element that moves: the erase follows it, the move goes.
contradiction erase_meets_move(participant& erase, participant& move) {
  auto& e = erase.index();
  auto& f = move.index();
  auto& t = move.to_index;
  if (erase.prior_size != move.prior_size)
    return "erase and move disagree about the size of the list (P20)";
  if (e >= erase.prior_size || f >= move.prior_size)
    return "erase or move outside the list (P20)";
  --move.prior_size;
  touch(erase, move);
  if (e == f) {
    e = t;
    move.dropped = true;
    return nullptr;
  }
  --(e > f ? e : f);
  if (e >= t)
    ++e;
  else
    --t;
  move.dropped = f == t;
  return nullptr;
}

/// P21. Two erases of one element are one.
contradiction erase_meets_erase(participant& x, participant& y) {
  if (x.prior_size != y.prior_size)
    return "two erases disagree about the size of the list (P21)";
  if (x.index() >= x.prior_size || y.index() >= y.prior_size)
    return "an erase outside the list (P21)";
  --x.prior_size;
  --y.prior_size;
  if (x.index() == y.index()) {
    x.dropped = true;
    y.dropped = true;
  } else {
    --(x.index() > y.index() ? x : y).index();
  }
  touch(x, y);
  return nullptr;
}

} // namespace ros::sync::merging
