// What a test that was observed over time shows of its samples: once all is seen, or by a positive.
#ifndef LIMS_ASSAY_OBSERVED_OUTCOME_H_
#define LIMS_ASSAY_OBSERVED_OUTCOME_H_

#include "assay/observation.h"
#include "lims/v1/assay.pb.h"

namespace lims::assay {

// Adds what the courses of a sample show: the check of the full time, the note of missed readings,
// and how long it took until something was positive. Nothing for a method without plan.
void AddCourses(const v1::AssayInput& input, const ObservedTest& test,
                v1::SampleComputation& sample);

// Settles the outcomes as ConcludeComputation does, but a sample that shows a positive keeps it:
// it is VALID with its positive codes when `positive_stands` and every setup check that does not
// hold is waived by a positive or concerns other lines or targets, and the lines that those concern
// are invalid; else it carries kFlagUnexpectedPositive. A sample that spoilt its test is
// INVALID_SAMPLE and repeated as the method prescribes, if it does, by the same setup checks.
void ConcludeObservations(const v1::AssayInput& input, const ObservedTest& test,
                          bool positive_stands, v1::Computation& computation);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_OBSERVED_OUTCOME_H_
