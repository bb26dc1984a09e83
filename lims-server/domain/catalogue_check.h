// Is an imported specification revision or method version sound in itself?
#ifndef LIMS_DOMAIN_CATALOGUE_CHECK_H_
#define LIMS_DOMAIN_CATALOGUE_CHECK_H_

#include <vector>

#include "base/error.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/method.pb.h"

namespace lims::domain {

// All problems, by the field paths of the import request: "text.lines[3].criteria[0].lower.value".
// Product, revision and position may be left out of lines, attestations and facts; given, they
// must agree with the head and with the order.
std::vector<Violation> CheckSpecification(const v1::SpecificationText& text);

// All problems, by the field paths of the import request: "method.outputs[0].divisor". Which
// parameters there must be and what they mean is the calculator's to check.
std::vector<Violation> CheckMethod(const v1::Method& method);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_CATALOGUE_CHECK_H_
