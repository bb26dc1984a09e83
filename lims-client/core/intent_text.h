// What a signature will do, in words: the part of a manifest that the records it rests on do not
// say.
#ifndef LIMS_CLIENT_CORE_INTENT_TEXT_H_
#define LIMS_CLIENT_CORE_INTENT_TEXT_H_

#include <string>
#include <vector>

#include "lims/v1/release.pb.h"

namespace lims::client {

// Every field of the intent: one line, or one more for each statement of a list. An act of a newer
// server stands field by field.
std::vector<std::string> IntentText(const v1::Intent& intent);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_INTENT_TEXT_H_
