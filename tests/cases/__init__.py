"""Situations of the documents, each as numbers by name, and the answers that were given in them.

The weights of `configs/parameters/requests.yaml` are set by hand so that these answers come out as the most likely:
the cases calibrate the rule and do not test it. What they show is that one set of weights, each with the sign that its
mechanism has, is enough for all of them, and a change that breaks one is noticed. The numbers of a situation are read
into the documents, which give none; what a case leaves out is as in the tables of the default world.
"""
