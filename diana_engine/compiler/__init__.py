"""From a writer's folder of YAML to a checked program: load, validate, parse, resolve, check, graph, lower."""
