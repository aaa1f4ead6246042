"""ansible.cfg, environment variables and defaults: every value with where it comes from."""

from understudy.config.load import load_config, usable_config
from understudy.config.settings import DEFAULT, Config

__all__ = ["DEFAULT", "Config", "load_config", "usable_config"]
