"""ansible.cfg, environment variables and defaults: every value with where it comes from."""

from understudy.config.load import load_config
from understudy.config.settings import Config

__all__ = ["Config", "load_config"]
