package main

import (
	"fmt"
	"strings"
)

// closed are enums that the API server holds objects to and its OpenAPI documents leave out, because
// the Go types are not marked. The test test/contract/kubernetes-schemas holds them against a real server.
var closed = map[string]string{
	"api.admissionregistration.v1.ParamRef.parameterNotFoundAction":                        "Allow Deny",
	"api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted":              "Delete Retain",
	"api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled":               "Delete Retain",
	"api.autoscaling.v2.HPAScalingPolicy.type":                                             "Percent Pods",
	"api.autoscaling.v2.HPAScalingRules.selectPolicy":                                      "Disabled Max Min",
	"api.autoscaling.v2.MetricSpec.type":                                                   "ContainerResource External Object Pods Resource",
	"api.autoscaling.v2.MetricStatus.type":                                                 "ContainerResource External Object Pods Resource",
	"api.autoscaling.v2.MetricTarget.type":                                                 "AverageValue Utilization Value",
	"api.core.v1.Container.restartPolicy":                                                  "Always Never OnFailure",
	"api.core.v1.EphemeralContainer.restartPolicy":                                         "Always Never OnFailure",
	"api.core.v1.ContainerResizePolicy.restartPolicy":                                      "NotRequired RestartContainer",
	"api.core.v1.PodOS.name":                                                               "linux windows",
	"api.flowcontrol.v1.FlowDistinguisherMethod.type":                                      "ByNamespace ByUser",
	"api.flowcontrol.v1.LimitResponse.type":                                                "Queue Reject",
	"api.flowcontrol.v1.PriorityLevelConfigurationSpec.type":                               "Exempt Limited",
	"api.flowcontrol.v1.Subject.kind":                                                      "Group ServiceAccount User",
	"api.networking.v1.IngressClassParametersReference.scope":                              "Cluster Namespace",
	"api.rbac.v1.RoleRef.kind":                                                             "ClusterRole Role",
	"api.rbac.v1.Subject.kind":                                                             "Group ServiceAccount User",
	"api.storage.v1.CSIDriverSpec.fsGroupPolicy":                                           "File None ReadWriteOnceWithFSType",
	"api.storage.v1.CSIDriverSpec.volumeLifecycleModes":                                    "Ephemeral Persistent",
	"apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion.strategy":  "None Webhook",
	"apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec.scope": "Cluster Namespaced",
	"apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement.operator":                      "DoesNotExist Exists In NotIn",
}

// addClosed completes the API server's enums.
func (a *api) addClosed() error {
	for _, name := range sortedKeys(closed) {
		typeName, field := splitName(name)
		definition := a.definitions[longName(typeName)]
		if definition == nil || definition.Properties[field] == nil {
			return fmt.Errorf("no field %s", name)
		}
		property := definition.Properties[field]
		if property.Items != nil {
			property = property.Items
		}
		if len(property.Enum) > 0 {
			return fmt.Errorf("%s has an enum of its own", name)
		}
		property.Enum = strings.Fields(closed[name])
	}
	return nil
}
