"""What a JupyterHub sets for every student of the course.

The Littlest JupyterHub reads it from its folder /opt/tljh/config/jupyterhub_config.d; elsewhere,
load it from your own configuration as trial_config.py does.
"""

c = get_config()  # noqa: F821

c.Spawner.default_url = "/lab"
c.Spawner.environment.update(
    {
        "COURSE_WORK": "~/work",  # each student's progress in their own home
        "OMP_NUM_THREADS": "1",  # many share the machine: none takes all its cores
        "OPENBLAS_NUM_THREADS": "1",
    }
)
# The Littlest JupyterHub holds students to it; local processes, as in the trial, know no limit.
c.Spawner.mem_limit = "1G"
c.Spawner.http_timeout = c.Spawner.start_timeout = 120  # forty who start in the same minute
