// All messages of administration (access-control.md 4), by subject.
#pragma once

#include "admin_feed_messages.hpp"
#include "admin_key_messages.hpp"
#include "admin_realm_messages.hpp"
#include "admin_user_messages.hpp"
