// Every RPC of the services.
#ifndef LIMS_TESTS_SUPPORT_SERVICE_METHODS_H_
#define LIMS_TESTS_SUPPORT_SERVICE_METHODS_H_

#include <google/protobuf/descriptor.h>

#include <vector>

#include "lims/v1/access_service.pb.h"
#include "lims/v1/audit_service.pb.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/lot_service.pb.h"
#include "lims/v1/run_service.pb.h"
#include "lims/v1/system_service.pb.h"

namespace lims {

// Naming a message of each file links it.
inline std::vector<const google::protobuf::FileDescriptor*> ServiceFiles() {
  return {
      v1::LogInRequest::descriptor()->file(),       v1::ListEventsRequest::descriptor()->file(),
      v1::ListMethodsRequest::descriptor()->file(), v1::ListLotsRequest::descriptor()->file(),
      v1::GetRunRequest::descriptor()->file(),      v1::GetServerInfoRequest::descriptor()->file()};
}

inline std::vector<const google::protobuf::MethodDescriptor*> AllMethods() {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const auto* file : ServiceFiles()) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int k = 0; k < file->service(i)->method_count(); ++k) {
        methods.push_back(file->service(i)->method(k));
      }
    }
  }
  return methods;
}

}  // namespace lims

#endif  // LIMS_TESTS_SUPPORT_SERVICE_METHODS_H_
