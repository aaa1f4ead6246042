class FilterModule:
    def filters(self):
        return {"of_role": lambda text: "role " + text}
