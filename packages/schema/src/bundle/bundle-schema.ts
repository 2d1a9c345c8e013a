/**
 * The schema of bundles: Timoni's, section "Bundle" of https://timoni.sh/bundle/, with the order of
 * apply (`dependsOn`, `waves`), objects of no module (`objects`) and changes of what modules render
 * (`patches`) added.
 */
export const bundleSchema = `import "strings"

#BundleName: string & =~"^(([a-z0-9][-a-z0-9_.]*)?[a-z0-9])?$" & strings.MinRunes(1) & strings.MaxRunes(63)

#Bundle: {
	apiVersion!: string & =~"^v1alpha1$"
	name!:       #BundleName
	instances: [#BundleName]: {
		module: close({
			url!:    string & =~"^(oci|file)://.*$"
			version: *"latest" | string
			digest?: string
		})
		namespace!: #BundleName
		dependsOn?: [...#BundleName]
		values: {...}
		patches?: [=~"^[A-Za-z]+/([^/]+/)?[^/]+$"]: {...}
	}
	objects?: [#BundleName]: close({
		namespace!: #BundleName
		dependsOn?: [...#BundleName]
		items!: [...{
			apiVersion!: string
			kind!:       string
			metadata!: {name!: string, ...}
			...
		}]
	})
	waves?: [...{
		name!: #BundleName
		instances?: [...#BundleName]
		clusters?: [...#BundleName]
		soak?: string & =~"^([0-9]+(\\\\.[0-9]+)?(ms|s|m|h))+$"
	}]
}

bundle: #Bundle
`;

/** The schema of runtimes, section "Runtime" of https://timoni.sh/bundle-runtime/. */
export const runtimeSchema = `import "strings"

#Runtime: {
	apiVersion!: string & =~"^v1alpha1$"
	name!:       string & =~"^(([a-z0-9][-a-z0-9_]*)?[a-z0-9])?$" & strings.MinRunes(1) & strings.MaxRunes(63)
	clusters?: [string & =~"^(([a-z0-9][-a-z0-9_.]*)?[a-z0-9])?$" & strings.MinRunes(1) & strings.MaxRunes(63)]: {
		group!:       string
		kubeContext!: string
	}
	values?: [...#RuntimeValue]
}

#RuntimeValue: {
	query: string
	for: [=~"^(([A-Za-z0-9][-A-Za-z0-9_]*)?[A-Za-z0-9])?$" & strings.MinRunes(1) & strings.MaxRunes(63)]: string
	optional: *false | bool
}

runtime: #Runtime
`;
