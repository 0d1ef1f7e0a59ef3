"""The marking system «Честный ЗНАК»: may this unit be sold?"""
