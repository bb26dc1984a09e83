// A full 384-well plate of hTERT RT-qPCR: four samples of each of ten lots, and the controls.
#ifndef LIMS_TESTS_BENCH_PLATE_H_
#define LIMS_TESTS_BENCH_PLATE_H_

#include "lims/v1/run_service.pb.h"

namespace lims::bench {

inline constexpr int kPlateLots = 10;
inline constexpr int kSamplesOfLot = 4;
inline constexpr int kPlateSamples = kPlateLots * kSamplesOfLot;

// The plate with the lots from `first_lot` on.
v1::CreateRunRequest PlateRun(int first_lot);
// What the instrument exports for that plate: every sample not detected, every control valid.
v1::SubmitRunRequest PlateData(const v1::CreateRunRequest& run);

}  // namespace lims::bench

#endif  // LIMS_TESTS_BENCH_PLATE_H_
