"""What the gate calls: one module for each world, made into a component with the
author's module `policy`. Only importable in a component."""
