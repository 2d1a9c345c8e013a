/** Name of the file that is added to a module's package in memory, in place of any on disk. */
export const overlaySchemaFile = "timoni.schema.cue";

/**
 * The definitions that a module's package may count on and the schema of its `timoni` struct.
 * Health checks are open so that a module's own vendored definitions compose with these; `cel` is
 * Tenon's addition.
 */
export function overlaySchema(packageName: string): string {
  return `package ${packageName}

#Timoni: {
	apiVersion: string & =~"^v1alpha1$"
	instance: {...}
	apply: [string]: [...]
	healthChecks?: [string]: #HealthCheck
	kubeMinorVersion?: int
}

#HealthCheck: {
	group!: string & =~"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
	kind?:  string
	#object: {...}
	current!:    bool
	failed?:     bool
	inProgress?: bool
	cel?: {
		current!:    string
		failed?:     string
		inProgress?: string
	}
	...
}

#HealthCheckForCondition: #HealthCheck & {
	conditionType:       *"Ready" | string
	failedConditionType: *"Stalled" | string

	#object: {
		metadata: {
			generation: int
			...
		}
		status: {
			observedGeneration?: int
			conditions: [...{
				type:                string
				status:              string
				observedGeneration?: int
				...
			}]
			...
		}
		...
	}

	let live = #object
	let expected = live.metadata.generation

	inProgress: [
		if live.status.observedGeneration != _|_ {live.status.observedGeneration != expected},
		false,
	][0]
	current: len([for c in live.status.conditions
		if c.type == conditionType && c.status == "True" && (*c.observedGeneration | expected) == expected {c}]) > 0
	failed: len([for c in live.status.conditions
		if c.type == failedConditionType && c.status == "True" && (*c.observedGeneration | expected) == expected {c}]) > 0
	...
}

timoni: #Timoni
`;
}
