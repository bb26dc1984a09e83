// Lines taken from a report that stands for a run: that of a contract laboratory, of a method whose
// own runs are judged from instrument files.
#ifndef LIMS_ASSAY_REPORTED_H_
#define LIMS_ASSAY_REPORTED_H_

#include <vector>

#include "lims/v1/method.pb.h"
#include "lims/v1/specification.pb.h"

namespace lims::assay {

// The method as a report answers it: one entry for each of `lines`, named by its code, in its
// unit or with one of its codes. A line that applies by a lot fact names that fact as needs_fact.
// Nothing that a run declares is asked for, also not by the prescribed repeat, which stays due. It
// enters the hash of a recorded input, so the same arguments give the same method for ever.
v1::Method MethodForReport(const v1::Method& method,
                           const std::vector<const v1::SpecificationLine*>& lines);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_REPORTED_H_
