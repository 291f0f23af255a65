"""What the Train page's form is made of: recipes, settings in groups, forks, the rate finder."""
