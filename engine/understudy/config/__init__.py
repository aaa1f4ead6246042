"""ansible.cfg, environment variables and defaults: every setting with where its value comes from."""

from understudy.config.load import load_config
from understudy.config.settings import Config

__all__ = ["Config", "load_config"]
